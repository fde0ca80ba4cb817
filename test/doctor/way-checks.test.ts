import { expect, test } from 'vitest';
import type { CheckResult } from '../../src/doctor/check.js';
import { Round } from '../../src/doctor/check.js';
import { type ProbedApp, Visit } from '../../src/doctor/visit.js';
import { judgeTls, WAY_CHECKS } from '../../src/doctor/way-checks.js';
import type { NetworkError, TlsSeen } from '../../src/ports/index.js';
import { APP_ID, APP_SECRET } from '../support/app-connector.js';
import { fakeScout, GOOD_TLS, type Ground } from '../support/fake-scout.js';
import { HandClock } from '../support/hand-clock.js';

async function walked(changes: Partial<Ground>, baseUrl = 'https://open.example') {
  const clock = new HandClock();
  const scout = fakeScout(changes);
  const never = () => {
    throw new Error('nobody is asked anything');
  };
  const app: ProbedApp = {
    app: 'bot',
    appId: APP_ID,
    baseUrl,
    secret: async () => APP_SECRET,
    secretOrigin: 'the configuration',
    openWayOut: () => ({ http: never, dial: never, scout, close: async () => {} }),
    lookIntoJournal: null,
  };
  const round = new Round('bot', { clock, endsAt: 9_000 });
  const results = await round.make(WAY_CHECKS, new Visit(app, clock, { mayCall: false }));
  return { results, scout, of: (name: string) => results.find((check) => check.name === name) };
}

const outcomes = (results: readonly CheckResult[]) => results.map(({ name, result }) => `${name} ${result}`);
const failed = (error: NetworkError, detail: string) => ({ ok: false, error, detail, tookMs: 3 }) as const;
const PROXY = { via: 'proxy', proxy: 'http://proxy.corp:3128', why: 'by HTTPS_PROXY' } as const;

test('on good ground every step is fine, each within the time that is left for it', async () => {
  const { results, scout } = await walked({});
  expect(outcomes(results)).toEqual(['proxy ok', 'DNS ok', 'TCP ok', 'tunnel skip', 'TLS ok']);
  // What is behind TLS takes 4.8 s at most; nothing took any time here.
  expect(scout.walks[0]?.steps).toEqual(['resolve 1000', 'connect 2300', 'secure 4200']);
  expect(scout.walks[0]?.isClosed).toBe(true);
});

test('F16: a name that does not resolve ends the walk, with what to look at', async () => {
  const { results, of } = await walked({ resolve: failed('dns', 'getaddrinfo ENOTFOUND open.example') });
  expect(outcomes(results)).toEqual(['proxy ok', 'DNS fail', 'TCP skip', 'tunnel skip', 'TLS skip']);
  expect(of('DNS')).toMatchObject({
    evidence: 'dns_failed after 3 ms: getaddrinfo ENOTFOUND open.example',
    advice: expect.stringContaining('getent hosts open.example'),
  });
  expect(of('TLS')?.evidence).toBe('not reached: DNS failed');
});

test('a resolver that is slow is a warning, one that finds nothing a failure, and an address needs none', async () => {
  expect((await walked({ resolve: { ok: true, seen: ['::1'], tookMs: 600 } })).of('DNS')?.result).toBe('warn');
  expect((await walked({ resolve: { ok: true, seen: [], tookMs: 1 } })).of('DNS')?.result).toBe('fail');
  const address = await walked({ host: '192.0.2.7' });
  expect(address.of('DNS')?.evidence).toBe('192.0.2.7 is an address: nothing to resolve');
  const many = await walked({ resolve: { ok: true, seen: ['a', 'b', 'c', 'd', 'e', 'f'], tookMs: 1 } });
  expect(many.of('DNS')?.evidence).toContain('a, b, c, d and 2 more');
});

test.each<[NetworkError, RegExp]>([
  ['refused', /^Nobody listens there: check the address of the platform/],
  ['timeout', /^Packets to the platform get lost.*--timeout gives it longer\.$/],
  ['unreachable', /^This machine has no route there/],
  ['reset', /^Something in between cuts/],
  ['unknown', /^No connection to the platform/],
])('a connection that is %s says what that means', async (error, advice) => {
  const { of, results } = await walked({ connect: failed(error, 'no connection to open.example:443 within 9 ms') });
  expect(of('TCP')).toMatchObject({ result: 'fail', advice: expect.stringMatching(advice) });
  expect(outcomes(results).slice(3)).toEqual(['tunnel skip', 'TLS skip']);
});

test('F17: a proxy that wants credentials fails the tunnel, and TLS is not reached', async () => {
  const { results, of } = await walked({
    route: PROXY,
    tunnel: failed('proxy', 'the proxy asks for credentials: HTTP 407'),
  });
  expect(outcomes(results)).toEqual(['proxy ok', 'DNS ok', 'TCP ok', 'tunnel fail', 'TLS skip']);
  expect(of('proxy')?.evidence).toBe(
    'https://open.example is gone to by the proxy http://proxy.corp:3128: by HTTPS_PROXY',
  );
  expect(of('tunnel')).toMatchObject({
    evidence: 'proxy_failed after 3 ms: the proxy asks for credentials: HTTP 407',
    advice: expect.stringContaining('http://user:password@host:port'),
  });
  expect((await walked({ route: PROXY })).of('tunnel')?.result).toBe('ok');
});

test.each<[NetworkError, string, RegExp]>([
  ['proxy', 'the proxy asks for credentials: HTTP 407', /^Put a user and a password/],
  ['proxy', 'the proxy does not speak HTTP (HPE_INVALID)', /^What listens there is no HTTP proxy/],
  ['proxy', 'the proxy refused a tunnel: HTTP 403', /^The proxy must allow CONNECT/],
  ['proxy', 'the proxy opened no tunnel within 9 ms', /--timeout gives it longer\.$/],
  ['tls', 'the certificate of the proxy is self-signed', /^It is the proxy that is not trusted/],
])('F17: a tunnel that fails (%s, %s) says what to do', async (error, detail, advice) => {
  const { of } = await walked({ route: PROXY, tunnel: failed(error, detail) });
  expect(of('tunnel')).toMatchObject({ result: 'fail', advice: expect.stringMatching(advice) });
});

test('a proxy that cannot be used is no way at all', async () => {
  const { results } = await walked({ route: { via: 'nowhere', why: 'ALL_PROXY names a proxy of the scheme socks5' } });
  expect(outcomes(results)).toEqual(['proxy fail', 'DNS skip', 'TCP skip', 'tunnel skip', 'TLS skip']);
});

test('clear text is for this machine alone, and nothing stays open', async () => {
  const local = await walked({ isSecure: false }, 'http://127.0.0.1:7777');
  expect([local.of('TLS')?.result, local.scout.walks[0]?.isClosed]).toEqual(['skip', true]);
  expect((await walked({ isSecure: false }, 'http://platform.example')).of('TLS')).toMatchObject({
    result: 'warn',
    evidence: expect.stringContaining('clear text'),
  });
});

test('a handshake that never comes to a certificate says what may be in between', async () => {
  const reset = await walked({ secure: failed('reset', 'open.example broke the TLS handshake off') });
  expect(reset.of('TLS')).toMatchObject({ result: 'fail', advice: expect.stringContaining('captive portal') });
  const unreadable = await walked({ secure: failed('tls', "the CA file /x can't be used: ENOENT") });
  expect(unreadable.of('TLS')?.advice).toContain('caFile');
});

const NOW = new HandClock().wallNow();
const judged = (changes: Partial<TlsSeen>) =>
  judgeTls({ ...GOOD_TLS, ...changes }, { url: 'https://open.example', tookMs: 12, now: NOW });
const DAY_MS = 86_400_000;
const lasting = (days: number) => [
  { subject: 'leaf', issuer: 'CA', validFrom: NOW - 9 * DAY_MS, validTo: NOW + days * DAY_MS },
  { subject: 'CA', issuer: 'CA', validFrom: 0, validTo: NOW + 999 * DAY_MS },
];

test('a certificate that ends within two weeks is a warning, and says who renews it', () => {
  expect(judged({ chain: lasting(15) })).toMatchObject({ result: 'ok', advice: null });
  expect(judged({ chain: lasting(13) })).toMatchObject({
    result: 'warn',
    evidence: 'TLSv1.3 in 12 ms; leaf (13 days left) ← CA (999 days left); leaf expires in 13 d',
    advice: expect.stringContaining('its owner'),
  });
  expect(judged({ chain: lasting(13), isPublic: false }).advice).toContain('Whoever runs CA');
});

test('an authority that is not public is told: something in between opens TLS', () => {
  expect(judged({ isPublic: false })).toMatchObject({
    result: 'ok',
    evidence: expect.stringContaining('its authority Public CA is not a public one'),
  });
});

test.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', /^Nobody here knows the authority Corp Root\..*caFile \(FEISHU_CA_FILE\)/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /^It is for portal\.corp: something in between answers/],
  ['CERT_HAS_EXPIRED', /this machine's clock/],
  ['CERT_NOT_YET_VALID', /this machine's clock/],
  ['CERT_REVOKED', /^Do not go on/],
])('F18: %s says what to do', (code, advice) => {
  const chain = [{ subject: '*.example', issuer: 'Corp Root', validFrom: 0, validTo: NOW + 400 * DAY_MS }];
  const found = judged({ distrust: { code, detail: 'it is not trusted' }, chain, names: ['portal.corp'] });
  expect(found).toMatchObject({ result: 'fail', advice: expect.stringMatching(advice) });
  expect(found.evidence).toMatch(/^it is not trusted; TLSv1\.3 in 12 ms; \*\.example/);
});

test('how long a certificate is over, or not yet begun, stands with its name', () => {
  const chain = [
    { subject: 'old', issuer: 'CA', validFrom: 0, validTo: NOW - 2 * DAY_MS },
    { subject: 'early', issuer: 'CA', validFrom: NOW + DAY_MS, validTo: NOW + 99 * DAY_MS },
  ];
  const distrust = { code: 'CERT_HAS_EXPIRED', detail: 'it has expired' };
  expect(judged({ chain, distrust }).evidence).toContain('old (expired 2 d ago) ← early (valid only in 1 d)');
});
