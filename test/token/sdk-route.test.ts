import { expect, test } from 'vitest';
import { routeOf } from '../../src/token/sdk-route.js';

test.each([
  ['https://open.feishu.cn/open-apis/im/v1/messages?receive_id_type=chat_id', '/open-apis/im/v1/messages'],
  [
    'https://open.feishu.cn/open-apis/im/v1/messages/om_dc13264520392913993dd051dba21dcf/reply',
    '/open-apis/im/v1/messages/:id/reply',
  ],
  ['https://proxy.example/feishu/open-apis/bot/v3/info', '/open-apis/bot/v3/info'],
  ['/open-apis/bitable/v1/apps/AbCdEfGh/tables/tblXyZ12/records', '/open-apis/bitable/v1/apps/:id/tables/:id/records'],
  ['https://open.feishu.cn/open-apis/contact/v3/users/7be5fg9a', '/open-apis/contact/v3/users/:id'],
  [
    'https://open.feishu.cn/open-apis/acs/v1/access_records/4/access_photo',
    '/open-apis/acs/v1/access_records/:id/access_photo',
  ],
  ['', '/'],
])('the route of %j is %s', (url, route) => {
  expect(routeOf(url)).toBe(route);
});
