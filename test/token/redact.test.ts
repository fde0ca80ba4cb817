import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { redactHttpError } from '../../src/token/redact.js';

const shown = (error: unknown): string => inspect(error, { depth: 20, showHidden: true });

function httpError(config: object): Error {
  const request = { protocol: 'https:', host: 'h', path: '/p', method: 'POST', _header: 'Authorization: Bearer t-1' };
  return Object.assign(new Error('failed'), { config, request, response: { status: 400, config, request } });
}

test('credentials in headers, proxy and agents go, in any case; the rest stays', () => {
  const headers = { authorization: 'Bearer t-1', 'X-Lark-Helpdesk-Authorization': 'Bearer t-1', 'X-Other': 'kept' };
  const agent = { proxyAuth: 't-1' };
  const error = httpError({
    url: 'https://h/open-apis/im/v1/messages',
    headers,
    data: '{"content":"kept"}',
    auth: { username: 'u', password: 't-1' },
    proxy: { auth: { password: 't-1' } },
    httpAgent: agent,
    httpsAgent: agent,
  });
  redactHttpError(error);
  expect(shown(error)).not.toContain('t-1');
  expect(error).toMatchObject({
    message: 'failed',
    config: { headers: { 'X-Other': 'kept' }, data: '{"content":"kept"}' },
    request: { protocol: 'https:', host: 'h', path: '/p', method: 'POST' },
    response: { status: 400 },
  });
});

test.each([
  '/open-apis/auth/v3/tenant_access_token/internal',
  '/open-apis/authen/v1/oidc/access_token',
  '/oauth/v3/token',
  '/callback/ws/endpoint',
])('the body of %s goes', (path) => {
  const error = httpError({ url: `https://h${path}`, headers: {}, data: '{"secret":"s3cr3t"}' });
  redactHttpError(error);
  expect(shown(error)).not.toContain('s3cr3t');
});

test('causes are searched too, and a cycle of them ends', () => {
  const inner = httpError({ headers: { Authorization: 'Bearer t-1' } });
  const outer = new Error('outer', { cause: inner });
  inner.cause = outer;
  redactHttpError(outer);
  expect(shown(outer)).not.toContain('t-1');
});

test.each([null, undefined, 'text', 7, new Error('plain')])('%o passes untouched', (value) => {
  const before = shown(value);
  redactHttpError(value);
  expect(shown(value)).toBe(before);
});
