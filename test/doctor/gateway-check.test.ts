import { expect, test } from 'vitest';
import { Round } from '../../src/doctor/check.js';
import type { AppStatus } from '../../src/doctor/daemon-status.js';
import { GATEWAY_BESIDE_DAEMON, GATEWAY_CHECK } from '../../src/doctor/gateway-check.js';
import { type ProbedApp, Visit } from '../../src/doctor/visit.js';
import type { NetworkError } from '../../src/ports/index.js';
import { DEFAULT_PACING } from '../../src/wire/index.js';
import { APP_ID, APP_SECRET, statusWith } from '../support/app-connector.js';
import { fakeScout, GOOD_TLS, type Ground } from '../support/fake-scout.js';
import { HandClock } from '../support/hand-clock.js';

const TICKET = 'abcdef0123456789';
const failed = (error: NetworkError, detail: string) => ({ ok: false, error, detail, tookMs: 3 }) as const;

/** A look at the way to the gateway of a ticket, or of what a daemon says. */
async function looked(ground: Partial<Ground>, from: { url?: string; gateway?: string | null } = {}) {
  const { url = `wss://gateway.example:8443/ws/v2?device_id=7&ticket=${TICKET}`, gateway } = from;
  const clock = new HandClock();
  const scout = fakeScout((to) => (to.startsWith('ws') ? { host: 'gateway.example', ...ground } : {}));
  const never = () => {
    throw new Error('nobody is asked anything');
  };
  const app: ProbedApp = {
    app: 'bot',
    appId: APP_ID,
    baseUrl: 'https://open.example',
    secret: async () => APP_SECRET,
    secretOrigin: 'the configuration',
    openWayOut: () => ({ http: never, dial: never, scout, close: async () => {} }),
    lookIntoJournal: null,
  };
  const visit = new Visit(app, clock, { mayCall: false });
  if (gateway === undefined) visit.ticket = { url, connectionId: '7', service: 1, pacing: DEFAULT_PACING };
  else visit.status = { ...(statusWith() as AppStatus), gateway };
  const check = gateway === undefined ? GATEWAY_CHECK : GATEWAY_BESIDE_DAEMON;
  const [result] = await new Round('bot', { clock, endsAt: 9_000 }).make([check], visit);
  return { result, scout, visit };
}

const PROXY = { via: 'proxy', proxy: 'http://proxy.corp:3128', why: 'by HTTPS_PROXY' } as const;

test('F17: each step to the gateway is told, and the ticket is shown to nobody', async () => {
  const { result, scout } = await looked({ route: PROXY });
  expect(result).toMatchObject({
    result: 'ok',
    evidence:
      'wss://gateway.example:8443 is gone to by the proxy http://proxy.corp:3128: by HTTPS_PROXY; gateway.example is 192.0.2.7, by the resolver in 4 ms; connected to 192.0.2.7:443 in 20 ms; http://proxy.corp:3128 opened a tunnel to wss://gateway.example:8443 in 30 ms; TLSv1.3 in 40 ms; *.example (365 days left) ← Public CA (3650 days left)',
    advice: null,
  });
  expect(scout.walks.map(({ url, isClosed }) => [url, isClosed])).toEqual([['wss://gateway.example:8443', true]]);
  expect(scout.walks[0]?.steps.map((step) => step.split(' ')[0])).toEqual(['resolve', 'connect', 'tunnel', 'secure']);
});

const distrust = { code: 'SELF_SIGNED_CERT_IN_CHAIN', detail: 'the certificate is not trusted' };

test.each<[string, Partial<Ground>, RegExp, RegExp]>([
  ['DNS', { resolve: failed('dns', 'getaddrinfo ENOTFOUND') }, /dns_failed after 3 ms/, /getent hosts gateway.example/],
  ['TCP', { connect: failed('timeout', 'no connection within 9 ms') }, /timeout after/, /to the gateway get lost/],
  ['TCP', { connect: failed('refused', 'no'), route: PROXY }, /refused after/, /check the address of the proxy/],
  ['tunnel', { tunnel: failed('proxy', 'HTTP 403'), route: PROXY }, /proxy_failed after .*403/, /must allow CONNECT/],
  ['TLS', { secure: failed('reset', 'broken off') }, /reset after/, /may not let TLS through/],
  ['TLS', { secure: { ok: true, seen: { ...GOOD_TLS, distrust }, tookMs: 1 } }, /is not trusted/, /caFile/],
  ['proxy', { route: { via: 'nowhere', why: 'a scheme' } }, /no way to wss:/, /Write it as http:/],
])('F17: where %s fails on the way to the gateway alone, that is what is said', async (name, ground, words, advice) => {
  const { result, visit } = await looked(ground);
  expect(result).toMatchObject({ result: 'fail', advice: expect.stringMatching(advice) });
  expect(result?.evidence).toMatch(new RegExp(`^wss://gateway\\.example:8443, ${name}: .*${words.source}`));
  // What is said of a certificate, or of our own proxy, holds for both.
  const other = ' It is another host than open.example: what lets that through must let gateway.example:8443 through.';
  expect(result?.advice?.endsWith(other)).toBe(['DNS', 'TCP', 'tunnel'].includes(name));
  await visit.leave();
});

test('on the host of the platform nothing is said of another one', async () => {
  const { result } = await looked({ connect: failed('refused', 'no') }, { url: 'wss://open.example/ws?ticket=1' });
  expect(result?.advice).not.toContain('another host');
});

test('a warning of a step is a warning of the whole', async () => {
  const { result } = await looked({ resolve: { ok: true, seen: ['192.0.2.7'], tookMs: 900 } });
  expect(result).toMatchObject({ result: 'warn', advice: expect.stringContaining('nearer') });
  const clear = await looked({ isSecure: false }, { url: 'ws://gateway.example/ws?ticket=1' });
  expect(clear.result).toMatchObject({ result: 'warn', evidence: expect.stringContaining('in clear text') });
});

test('beside a daemon the gateway is the one that it names, and no ticket is asked for', async () => {
  const { result, scout } = await looked({}, { gateway: 'wss://other.example' });
  expect([result?.result, scout.walks.map(({ url }) => url)]).toEqual(['ok', ['wss://other.example']]);
});

test.each([
  [null, 'the daemon has had no ticket yet, which would name it'],
  ['https://gateway.example', 'what the daemon names as its gateway is none: https://gateway.example'],
  ['wss://gateway.example/path', 'what the daemon names as its gateway is none: wss://gateway.example/path'],
  ['nonsense', 'what the daemon names as its gateway is none: nonsense'],
])('beside a daemon whose word for it is %s nobody is gone to', async (gateway, evidence) => {
  const { result, scout } = await looked({}, { gateway });
  expect([result?.result, result?.evidence, scout.walks]).toEqual(['skip', evidence, []]);
});

test('an older daemon does not name its gateway, and that is said', async () => {
  const { visit } = await looked({}, { gateway: null });
  const { gateway: _, ...older } = statusWith() as AppStatus;
  visit.status = older;
  const [result] = await new Round('bot', { clock: visit.clock, endsAt: 9_000 }).make([GATEWAY_BESIDE_DAEMON], visit);
  expect(result).toMatchObject({ result: 'skip', evidence: 'the daemon does not tell which gateway it goes to' });
});
