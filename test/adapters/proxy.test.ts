import { expect, test } from 'vitest';
import { checkProxySetting, type Environment, type ProxySetting, proxyFor } from '../../src/adapters/proxy.js';
import { redact } from '../../src/ports/index.js';

/** `direct`, the label of the proxy, or why there is no way. */
function wayTo(target: string, environment: Environment, setting: ProxySetting = 'environment'): string {
  const choice = proxyFor(new URL(target), setting, environment);
  if (choice.via === 'proxy') return choice.proxy.label;
  return choice.via === 'direct' ? 'direct' : `nowhere: ${choice.reason}`;
}

const FEISHU = 'https://open.feishu.cn/callback/ws/endpoint';
const GATEWAY = 'wss://msg-frontier.feishu.cn/ws/v2?ticket=hush';

test('the HTTP call and the socket take the same way', () => {
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']) {
    const environment = { [name]: 'http://proxy.corp:3128' };
    expect(wayTo(FEISHU, environment), name).toBe('http://proxy.corp:3128');
    expect(wayTo(GATEWAY, environment), name).toBe('http://proxy.corp:3128');
  }
  expect(wayTo(FEISHU, {})).toBe('direct');
});

test('plain targets ask http_proxy, and secure ones do not', () => {
  const environment = { HTTP_PROXY: 'http://plain:1', HTTPS_PROXY: 'http://secure:2' };
  expect(wayTo('http://platform.test/', environment)).toBe('http://plain:1');
  expect(wayTo('ws://platform.test/', environment)).toBe('http://plain:1');
  expect(wayTo('wss://platform.test/', environment)).toBe('http://secure:2');
  expect(wayTo('http://platform.test/', { HTTPS_PROXY: 'http://secure:2' })).toBe('direct');
  expect(wayTo(FEISHU, { HTTP_PROXY: 'http://plain:1' })).toBe('direct');
});

test('lower case comes first, the scheme before all_proxy, and an empty variable is none', () => {
  expect(wayTo(FEISHU, { https_proxy: 'http://lower:1', HTTPS_PROXY: 'http://upper:2' })).toBe('http://lower:1');
  expect(wayTo(FEISHU, { HTTPS_PROXY: 'http://own:1', all_proxy: 'http://all:2' })).toBe('http://own:1');
  expect(wayTo(FEISHU, { https_proxy: '', HTTPS_PROXY: ' ', ALL_PROXY: 'http://all:2' })).toBe('http://all:2');
});

test.each([
  ['open.feishu.cn', 'direct'],
  ['feishu.cn', 'direct'],
  ['.feishu.cn', 'direct'],
  ['*.feishu.cn', 'direct'],
  ['FEISHU.CN.', 'direct'],
  ['open.feishu.cn:443', 'direct'],
  ['*', 'direct'],
  ['10.0.0.0/8, example.com  feishu.cn', 'direct'],
  ['ishu.cn', 'http://proxy.corp:3128'],
  ['open.feishu.cn:8443', 'http://proxy.corp:3128'],
  ['open.feishu.cn.evil.test', 'http://proxy.corp:3128'],
  ['.', 'http://proxy.corp:3128'],
  ['10.0.0.0/8', 'http://proxy.corp:3128'],
])('with no_proxy %j the way to open.feishu.cn is %s', (noProxy, way) => {
  expect(wayTo(FEISHU, { HTTPS_PROXY: 'proxy.corp:3128', NO_PROXY: noProxy })).toBe(way);
  expect(wayTo(FEISHU, { HTTPS_PROXY: 'proxy.corp:3128', no_proxy: noProxy })).toBe(way);
});

test.each([
  ['https://10.1.2.3/', '10.1.2.3', 'direct'],
  ['https://10.1.2.3/', '10.0.0.0/8', 'direct'],
  ['https://10.1.2.3:8443/', '10.1.2.3:8443', 'direct'],
  ['https://10.1.2.3/', '10.1.2.3:8443', 'http://proxy.corp:3128'],
  ['https://11.1.2.3/', '10.0.0.0/8', 'http://proxy.corp:3128'],
  ['https://10.1.2.3/', '10.0.0.0/33', 'http://proxy.corp:3128'],
  ['https://10.1.2.3/', '10.0.0.0/eight', 'http://proxy.corp:3128'],
  ['https://[fd00::7]/', 'fd00::/8', 'direct'],
  ['https://[fd00::7]/', 'fd00:0:0::7', 'direct'],
  ['https://[fd00::7]:8443/', '[fd00::7]:8443', 'direct'],
  ['https://[fd00::7]/', '[fd00::7]:8443', 'http://proxy.corp:3128'],
  ['https://[fd00::7]/', '10.0.0.0/8', 'http://proxy.corp:3128'],
])('to %s with no_proxy %s the way is %s', (target, noProxy, way) => {
  expect(wayTo(target, { HTTPS_PROXY: 'http://proxy.corp:3128', NO_PROXY: noProxy })).toBe(way);
});

test('an environment proxy never gets loopback targets; an explicit one gets everything', () => {
  const environment = { HTTP_PROXY: 'http://proxy.corp:3128', NO_PROXY: '*' };
  for (const host of ['127.0.0.1', '127.1.2.3', '[::1]', 'localhost', 'bot.localhost']) {
    expect(wayTo(`http://${host}:7777/`, { HTTP_PROXY: 'http://proxy.corp:3128' }), host).toBe('direct');
    expect(wayTo(`http://${host}:7777/`, environment, 'http://other:1'), host).toBe('http://other:1');
  }
});

test('none is direct whatever the environment says', () => {
  expect(wayTo(FEISHU, { HTTPS_PROXY: 'http://proxy.corp:3128' }, 'none')).toBe('direct');
});

test('a proxy that cannot be used is no reason to go direct, and its password stays out of the words', () => {
  expect(wayTo(FEISHU, { ALL_PROXY: 'socks5://user:hush@127.0.0.1:1080' })).toBe(
    'nowhere: ALL_PROXY names a proxy of the scheme socks5; only http and https are supported',
  );
  expect(wayTo(FEISHU, { HTTPS_PROXY: 'http://user:hush@:99999' })).toBe(
    'nowhere: HTTPS_PROXY is not the URL of a proxy',
  );
});

test('credentials become a header and leave the label', () => {
  const of = (url: string) => proxyFor(new URL(FEISHU), url, {});
  const header = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  expect(of('https://us%40er:p%3Ass@proxy.corp')).toEqual({
    via: 'proxy',
    proxy: {
      protocol: 'https:',
      host: 'proxy.corp',
      port: 443,
      authorization: header('us@er:p:ss'),
      label: 'https://proxy.corp:443',
    },
  });
  expect(of('http://user:100%@[::1]:3128')).toMatchObject({
    proxy: { host: '::1', port: 3128, authorization: header('user:100%'), label: 'http://[::1]:3128' },
  });
  expect(of('http://token:@proxy.corp')).toMatchObject({ proxy: { authorization: header('token:') } });
  expect(of('http://proxy.corp')).toMatchObject({ proxy: { authorization: null } });
});

test('an option that could never work is refused without being repeated', () => {
  for (const good of [undefined, 'environment', 'none', 'http://proxy.corp:3128', 'https://user:pass@proxy.corp']) {
    expect(() => checkProxySetting(good), String(good)).not.toThrow();
  }
  for (const bad of ['', 'off', 'proxy.corp:3128', 'socks5://u:hush@p:1', 'http://u:hush@:1', 7, null]) {
    expect(() => checkProxySetting(bad), String(bad)).toThrow(
      /^proxy must be environment, none or the http: or https: URL/,
    );
    expect(() => checkProxySetting(bad)).not.toThrow(/hush/);
  }
});

test('the password for a proxy is known as a secret, and so is a user that stands alone', () => {
  wayTo(FEISHU, { HTTPS_PROXY: 'http://somebody:p%40ss-word@proxy.corp:3128' });
  wayTo(FEISHU, { HTTPS_PROXY: 'http://onlyatoken@proxy.corp:3128' });
  expect(redact('somebody p@ss-word onlyatoken')).toBe('somebody [redacted] [redacted]');
});
