import type { LookupFunction } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createScout, type TransportOptions } from '../../src/adapters/index.js';
import { limitByHand } from '../support/both-faces.js';
import { connectProxy } from '../support/connect-proxy.js';
import { type Loopback, serveTcp } from '../support/loopback.js';
import { AUTHORITY, type CertificateName, serveTls } from '../support/tls/servers.js';

const LIMIT_MS = 60_000;

function keep<Server>(serving: Loopback<Server>): Loopback<Server> {
  onTestFinished(serving.close);
  return serving;
}

/** A scout that looks at no environment but the one given, and its walk to a URL. */
function walkTo(url: string, options: TransportOptions = {}) {
  const walk = createScout({ environment: {}, ...options }).explore(url);
  onTestFinished(() => walk.close());
  return walk;
}

const failing: (code: string) => LookupFunction = (code) => (_host, _options, done) =>
  done(Object.assign(new Error(`getaddrinfo ${code} platform.test`), { code }), []);
const everythingHere: LookupFunction = (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);

test('the way and why: direct, by a proxy, exempt from it, or nowhere, and no credentials in the words', () => {
  const routeOf = (options: TransportOptions) => createScout({ environment: {}, ...options }).routeOf('wss://a.test/');
  expect(routeOf({})).toEqual({ via: 'direct', why: 'neither HTTPS_PROXY nor ALL_PROXY is set' });
  expect(routeOf({ proxy: 'none' })).toEqual({ via: 'direct', why: 'the option proxy is none' });
  const environment = { HTTPS_PROXY: 'http://user:hunter22@proxy.test:3128' };
  expect(routeOf({ environment })).toEqual({ via: 'proxy', proxy: 'http://proxy.test:3128', why: 'by HTTPS_PROXY' });
  expect(routeOf({ environment: { ...environment, NO_PROXY: '.test' } })).toEqual({
    via: 'direct',
    why: 'NO_PROXY exempts it from HTTPS_PROXY',
  });
  const socks = routeOf({ environment: { ALL_PROXY: 'socks5://user:hunter22@proxy.test' } });
  expect(socks).toMatchObject({
    via: 'nowhere',
    why: expect.stringContaining('ALL_PROXY names a proxy of the scheme'),
  });
  const local = createScout({ environment }).routeOf('https://127.0.0.1/');
  expect(local).toEqual({ via: 'direct', why: 'HTTPS_PROXY is not for loopback' });
});

test('a trusted host is walked to step by step, and its chain is told up to the authority', async () => {
  const { port } = keep(await serveTls('trusted'));
  const walk = walkTo(`https://platform.test:${port}`, { ca: AUTHORITY, lookup: everythingHere });
  expect([walk.host, walk.isSecure]).toEqual(['platform.test', true]);
  expect(await walk.resolve(LIMIT_MS)).toMatchObject({ ok: true, seen: ['127.0.0.1'] });
  expect(await walk.connect(LIMIT_MS)).toMatchObject({ ok: true, seen: { address: '127.0.0.1', port } });
  expect(await walk.secure(LIMIT_MS)).toMatchObject({
    ok: true,
    seen: {
      protocol: expect.stringMatching(/^TLSv1\.[23]$/),
      chain: [
        {
          subject: 'throwaway test server',
          issuer: 'throwaway test authority',
          validFrom: Date.UTC(2020, 0, 1),
          validTo: Date.UTC(2120, 0, 1),
        },
        { subject: 'throwaway test authority', issuer: 'throwaway test authority' },
      ],
      names: ['platform.test', '*.platform.test', 'localhost', '127.0.0.1'],
      distrust: null,
      isPublic: false,
    },
  });
});

test.each<[CertificateName, string | null, string]>([
  ['trusted', null, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['self-signed', null, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['expired', AUTHORITY, 'CERT_HAS_EXPIRED'],
  ['not-yet-valid', AUTHORITY, 'CERT_NOT_YET_VALID'],
  ['wrong-host', AUTHORITY, 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('F18: a certificate that is %s is shown, and why it is not trusted', async (name, ca, code) => {
  const { port, url } = keep(await serveTls(name));
  const walk = walkTo(url, ca === null ? {} : { ca });
  await walk.resolve(LIMIT_MS);
  await walk.connect(LIMIT_MS);
  const step = await walk.secure(LIMIT_MS);
  if (!step.ok) throw new Error(step.detail);
  expect(step.seen.distrust).toEqual({
    code,
    detail: expect.stringContaining(`the certificate of 127.0.0.1:${port} `),
  });
  expect(step.seen.chain[0]?.subject).toBe('throwaway test server');
});

test.each(['ENOTFOUND', 'EAI_AGAIN'])('F16: a name that does not resolve is %s, of DNS', async (code) => {
  const walk = walkTo('https://platform.test', { lookup: failing(code) });
  expect(await walk.resolve(LIMIT_MS)).toMatchObject({
    ok: false,
    error: 'dns',
    detail: expect.stringContaining(code),
  });
});

test('a resolver that hangs is given up at the limit', async () => {
  const { timer, passes } = limitByHand();
  const walk = walkTo('https://platform.test', { lookup: () => passes(), timer });
  expect(await walk.resolve(5)).toMatchObject({
    ok: false,
    error: 'dns',
    detail: 'platform.test did not resolve within 5 ms',
  });
});

test('a port where nobody listens is refused, and one that speaks no TLS says so', async () => {
  const refused = walkTo('https://127.0.0.1:1');
  await refused.resolve(LIMIT_MS);
  expect(await refused.connect(LIMIT_MS)).toMatchObject({ ok: false, error: 'refused' });
  const { port } = keep(await serveTcp((socket) => socket.end('220 mail ESMTP\r\n')));
  const mail = walkTo(`https://127.0.0.1:${port}`);
  await mail.resolve(LIMIT_MS);
  await mail.connect(LIMIT_MS);
  expect(await mail.secure(LIMIT_MS)).toMatchObject({ ok: false, error: 'protocol' });
});

test('a handshake that hangs is given up at the limit', async () => {
  const { timer, passes } = limitByHand();
  const { port } = keep(await serveTcp((socket) => socket.once('data', passes)));
  const walk = walkTo(`https://127.0.0.1:${port}`, { timer });
  await walk.resolve(LIMIT_MS);
  await walk.connect(LIMIT_MS);
  expect(await walk.secure(7)).toMatchObject({
    ok: false,
    error: 'timeout',
    detail: `no TLS handshake with 127.0.0.1:${port} within 7 ms`,
  });
});

test('F17: a proxy that refuses the tunnel is told as it refuses, one that allows it leads on', async () => {
  const { port } = keep(await serveTls('trusted'));
  const proxy = await connectProxy();
  const walk = walkTo(`https://platform.test:${port}`, { proxy: proxy.url, ca: AUTHORITY });
  expect([walk.host, walk.route.via]).toEqual(['127.0.0.1', 'proxy']);
  await walk.resolve(LIMIT_MS);
  expect(await walk.connect(LIMIT_MS)).toMatchObject({ ok: true, seen: { port: proxy.port } });
  expect(await walk.tunnel(LIMIT_MS)).toMatchObject({ ok: true });
  expect(await walk.secure(LIMIT_MS)).toMatchObject({ ok: true, seen: { distrust: null } });
  for (const [status, words] of [
    [407, 'asks for credentials'],
    [403, 'refused a tunnel'],
  ] as const) {
    proxy.manner = { does: 'refuse', status };
    const refused = walkTo(`https://platform.test:${port}`, { proxy: proxy.url });
    await refused.resolve(LIMIT_MS);
    await refused.connect(LIMIT_MS);
    expect(await refused.tunnel(LIMIT_MS)).toMatchObject({
      ok: false,
      error: 'proxy',
      detail: expect.stringContaining(words),
    });
  }
});

test('a step out of order is a bug, and so is a tunnel without a proxy', async () => {
  await expect(walkTo('https://127.0.0.1:1').secure(LIMIT_MS)).rejects.toThrow(TypeError);
  expect(() => walkTo('https://127.0.0.1:1').tunnel(LIMIT_MS)).toThrow(TypeError);
});

test('a CA file that cannot be read fails the handshake, naming it', async () => {
  const { url } = keep(await serveTls('trusted'));
  const walk = walkTo(url, { caFile: '/nowhere/ca.pem' });
  await walk.resolve(LIMIT_MS);
  await walk.connect(LIMIT_MS);
  expect(await walk.secure(LIMIT_MS)).toMatchObject({
    ok: false,
    error: 'tls',
    detail: expect.stringContaining('/nowhere/ca.pem'),
  });
});
