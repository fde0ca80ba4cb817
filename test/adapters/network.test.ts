import { once } from 'node:events';
import { createServer as createHttpsServer, get } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { checkNetworkOptions, createTransport, type NetworkOptions } from '../../src/adapters/index.js';
import { limitByHand, type Outcome, testNetwork, tryBoth, tryDial, tryHttp } from '../support/both-faces.js';
import { connectProxy, type ProxyManner } from '../support/connect-proxy.js';
import { type Loopback, serveHttp, serveTcp } from '../support/loopback.js';
import { AUTHORITY, identity, serveTls } from '../support/tls/servers.js';

const OK: Outcome = { kind: 'ok', message: '' };

function keep<Server>(serving: Loopback<Server>): Loopback<Server> {
  onTestFinished(serving.close);
  return serving;
}

/** A TLS server that only the proxy can find, and a network that trusts it and goes through the proxy. */
async function behindProxy(options: NetworkOptions = {}) {
  const target = keep(await serveTls('trusted'));
  const proxy = await connectProxy();
  const network = testNetwork({ ca: AUTHORITY, environment: { HTTPS_PROXY: proxy.url }, ...options });
  return {
    proxy,
    network,
    authority: `open.platform.test:${target.port}`,
    url: `https://open.platform.test:${target.port}/`,
  };
}

/** A resolver that knows what it is told. */
function lookupOf(answer: (hostname: string) => readonly { address: string; family: number }[] | string): {
  readonly lookup: LookupFunction;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, _options, callback) => {
    asked.push(hostname);
    const found = answer(hostname);
    if (typeof found !== 'string') return process.nextTick(callback, null, [...found]);
    process.nextTick(callback, Object.assign(new Error(`getaddrinfo ${found} ${hostname}`), { code: found }), []);
  };
  return { lookup, asked };
}

test('HTTP calls and the socket go through the same proxy, which resolves the name', async () => {
  const { proxy, network, url, authority } = await behindProxy();
  expect(await tryBoth(network, url)).toEqual({ http: OK, dial: OK });
  expect(proxy.asked).toEqual([authority, authority]);
  expect(proxy.credentials).toEqual([undefined, undefined]);
});

test('a plain target is tunnelled too, and one in no_proxy is not', async () => {
  const target = keep(await serveHttp((_request, response) => response.end('fine')));
  new WebSocketServer({ server: target.server });
  const proxy = await connectProxy();
  const { lookup } = lookupOf(() => [{ address: '127.0.0.1', family: 4 }]);
  const environment: Record<string, string> = { http_proxy: proxy.url };
  const network = testNetwork({ environment, lookup });
  const url = `http://open.platform.test:${target.port}/`;
  expect(await tryBoth(network, url)).toEqual({ http: OK, dial: OK });
  expect(proxy.asked.length).toBe(2);
  // The environment is read at each connection.
  environment.NO_PROXY = 'platform.test';
  expect(await tryBoth(network, url)).toEqual({ http: OK, dial: OK });
  expect(proxy.asked.length).toBe(2);
});

test('credentials in the URL are sent to the proxy and kept out of its refusals', async () => {
  const { proxy, url } = await behindProxy();
  const withPassword = proxy.url.replace('//', '//user:hush@');
  const network = testNetwork({ ca: AUTHORITY, proxy: withPassword });
  expect(await tryBoth(network, url)).toEqual({ http: OK, dial: OK });
  expect(new Set(proxy.credentials)).toEqual(new Set([`Basic ${Buffer.from('user:hush').toString('base64')}`]));
  proxy.manner = { does: 'refuse', status: 407 };
  const refused = {
    kind: 'proxy',
    message: `the proxy ${proxy.url.replace(/\/$/, '')} rejects the credentials in the proxy's URL: HTTP 407`,
  };
  expect(await tryBoth(network, url)).toEqual({ http: refused, dial: refused });
});

test.each([
  [{ does: 'refuse', status: 407 }, "asks for credentials: HTTP 407; put user and password into the proxy's URL"],
  [{ does: 'refuse', status: 503 }, 'refused a tunnel to AUTHORITY: HTTP 503'],
  [{ does: 'refuse', status: 403 }, 'refused a tunnel to AUTHORITY: HTTP 403'],
  [{ does: 'refuse', status: 302 }, 'refused a tunnel to AUTHORITY: HTTP 302'],
] satisfies [ProxyManner, string][])('a proxy that does %j is a proxy failure that says so', async (manner, words) => {
  const { proxy, network, url, authority } = await behindProxy();
  proxy.manner = manner;
  const told = { kind: 'proxy', message: `the proxy ${proxy.url} ${words.replace('AUTHORITY', authority)}` };
  expect(await tryBoth(network, url)).toEqual({ http: told, dial: told });
});

test('a proxy that never answers, or cannot even be reached, is a proxy failure once the time is up', async () => {
  const { timer, passes } = limitByHand();
  const { proxy, network, url } = await behindProxy({ timer });
  proxy.manner = { does: 'hang', asked: passes };
  const hung = { kind: 'proxy', message: `the proxy ${proxy.url} opened no tunnel within 12000 ms` };
  expect(await tryBoth(network, url)).toEqual({ http: hung, dial: hung });
  const lost = testNetwork({ timer, lookup: passes, proxy: 'http://proxy.corp' });
  const unreached = { kind: 'proxy', message: 'the proxy http://proxy.corp:80 could not be reached within 12000 ms' };
  expect(await tryBoth(lost, url)).toEqual({ http: unreached, dial: unreached });
});

test('a proxy that is gone, hangs up, or speaks no HTTP is a proxy failure and no failure of the platform', async () => {
  const gone = await serveTcp(() => {});
  await gone.close();
  const rude = keep(await serveTcp((socket) => socket.once('data', () => socket.destroy())));
  const other = keep(await serveTcp((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')));
  for (const [proxy, words] of [
    [gone, 'no connection to the proxy PROXY: connect ECONNREFUSED 127.0.0.1:PORT'],
    [rude, 'the proxy PROXY broke the connection off instead of opening a tunnel (ECONNRESET)'],
    [other, 'the proxy PROXY does not speak HTTP (HPE_INVALID_CONSTANT)'],
  ] as const) {
    const told = { kind: 'proxy', message: words.replace('PROXY', proxy.url).replace('PORT', String(proxy.port)) };
    const network = testNetwork({ proxy: proxy.url });
    expect(await tryBoth(network, 'https://open.platform.test/')).toEqual({ http: told, dial: told });
  }
});

test('a proxy that is not found is a proxy failure, and a socks one is refused before anything is asked', async () => {
  const { lookup, asked } = lookupOf(() => 'ENOTFOUND');
  const lost = testNetwork({ lookup, environment: { HTTPS_PROXY: 'proxy.corp:3128' } });
  const told = {
    kind: 'proxy',
    message: 'no connection to the proxy http://proxy.corp:3128: getaddrinfo ENOTFOUND proxy.corp',
  };
  expect(await tryBoth(lost, 'https://open.platform.test/')).toEqual({ http: told, dial: told });
  expect(asked).toEqual(['proxy.corp', 'proxy.corp']);
  const socks = testNetwork({ lookup, environment: { ALL_PROXY: 'socks5://127.0.0.1:1080' } });
  expect(await tryHttp(socks, 'https://open.platform.test/')).toMatchObject({ kind: 'proxy' });
  expect(await tryDial(socks, 'wss://open.platform.test/')).toMatchObject({ kind: 'proxy' });
  expect(asked.length).toBe(2);
});

test('a tunnel that is cut during the TLS handshake is a reset that names the proxy', async () => {
  const { proxy, network, url, authority } = await behindProxy();
  proxy.manner = { does: 'cut', afterBytes: 0 };
  const peer = `${authority} (through the proxy ${proxy.url})`;
  const told = { kind: 'reset', message: `${peer} broke the TLS handshake off (ECONNRESET)` };
  expect(await tryBoth(network, url)).toEqual({ http: told, dial: told });
});

test('a proxy may itself be spoken to with TLS; its certificate is checked like any other', async () => {
  const { url } = await behindProxy();
  const proxy = await connectProxy(createHttpsServer(identity('trusted')), 'https');
  expect(await tryBoth(testNetwork({ ca: AUTHORITY, proxy: proxy.url }), url)).toEqual({ http: OK, dial: OK });
  const untrusted = await tryBoth(testNetwork({ proxy: proxy.url }), url);
  for (const { kind, message } of Object.values(untrusted)) {
    expect(kind).toBe('tls');
    expect(message).toContain(`the certificate of the proxy ${proxy.url} is signed by an authority`);
  }
});

test('whoever gives up while a connection opens leaves none behind', async () => {
  const accepted: Socket[] = [];
  const silent = keep(await serveTcp((socket) => accepted.push(socket)));
  const network = testNetwork({ proxy: silent.url });

  const abort = new AbortController();
  const call = tryHttp(network, 'https://open.platform.test/', abort.signal);
  await once(silent.server, 'connection');
  abort.abort();
  expect((await call).kind).toBe('aborted');
  await untilClosed(accepted[0]);

  const ended = new Promise((closed) => {
    const ignore = () => {};
    const listener = { opened: ignore, message: ignore, text: ignore, pong: ignore, closed };
    const socket = network.dial('wss://open.platform.test/', listener);
    silent.server.once('connection', () => socket.terminate());
  });
  expect(await ended).toMatchObject({ how: 'failed' });
  await untilClosed(accepted[1]);

  const ending = tryHttp(network, 'https://open.platform.test/');
  await once(silent.server, 'connection');
  await network.close();
  expect((await ending).kind).toBe('aborted');
  await untilClosed(accepted[2]);
});

async function untilClosed(socket: Socket | undefined): Promise<void> {
  if (socket === undefined) throw new Error('no connection was made');
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
}

test.each(['ENOTFOUND', 'EAI_AGAIN'])('%s is a dns failure of the call and of the socket', async (code) => {
  const { lookup } = lookupOf(() => code);
  const told = { kind: 'dns', message: `getaddrinfo ${code} open.platform.test` };
  const network = testNetwork({ lookup });
  expect(await tryBoth(network, 'https://open.platform.test/')).toEqual({ http: told, dial: told });
});

test('a resolver that never answers is a dns failure once the time is up', async () => {
  const { timer, passes } = limitByHand();
  const network = testNetwork({ timer, lookup: passes });
  const told = { kind: 'dns', message: 'open.platform.test did not resolve within 12000 ms' };
  expect(await tryBoth(network, 'https://open.platform.test/')).toEqual({ http: told, dial: told });
});

test('every connection asks the resolver anew', async () => {
  const target = keep(await serveTls('trusted'));
  const { lookup, asked } = lookupOf(() => [{ address: '127.0.0.1', family: 4 }]);
  const network = testNetwork({ lookup, ca: AUTHORITY });
  const url = `https://open.platform.test:${target.port}/`;
  await tryBoth(network, url);
  await tryBoth(network, url);
  expect(asked.length).toBe(4);
});

test('a host whose first address is dead is reached at its second', async () => {
  const target = keep(await serveTls('trusted'));
  const { lookup } = lookupOf(() => [
    { address: '::1', family: 6 },
    { address: '127.0.0.1', family: 4 },
  ]);
  const network = testNetwork({ lookup, ca: AUTHORITY });
  expect(await tryBoth(network, `https://open.platform.test:${target.port}/`)).toEqual({ http: OK, dial: OK });
});

test('a host that refuses at every address is refused, and its port is named', async () => {
  const gone = await serveTcp(() => {});
  await gone.close();
  const { lookup } = lookupOf(() => [
    { address: '127.0.0.1', family: 4 },
    { address: '127.0.0.2', family: 4 },
  ]);
  const network = testNetwork({ lookup });
  const told = { kind: 'refused', message: `connect ECONNREFUSED 127.0.0.1:${gone.port}` };
  expect(await tryBoth(network, `https://open.platform.test:${gone.port}/`)).toEqual({ http: told, dial: told });
});

test('a fresh network is made of new parts; what lives goes on', async () => {
  const target = keep(await serveTls('trusted'));
  let generation = 0;
  const freshTransport = () => {
    generation += 1;
    // The first is what a process looks like that only a restart would mend.
    if (generation === 1) return () => Promise.reject(Object.assign(new Error('poisoned'), { code: 'ECONNRESET' }));
    return createTransport({ ca: AUTHORITY, environment: {} });
  };
  const network = testNetwork({ freshTransport });
  const url = `https://127.0.0.1:${target.port}/`;
  const poisoned = { kind: 'reset', message: 'ECONNRESET: poisoned' };
  expect(await tryBoth(network, url)).toEqual({ http: poisoned, dial: poisoned });
  expect(await tryBoth(network, url)).toEqual({ http: poisoned, dial: poisoned });
  network.refresh();
  expect(await tryBoth(network, url)).toEqual({ http: OK, dial: OK });

  const words: string[] = [];
  const pong = new Promise<void>((heard) => {
    const socket = network.dial(url.replace('http', 'ws'), {
      opened: () => {
        network.refresh();
        socket.ping();
      },
      message: () => {},
      text: () => {},
      pong: () => {
        heard();
        socket.terminate();
      },
      closed: ({ how }) => void words.push(how),
    });
  });
  await pong;
  expect(words).toEqual([]);
});

test("the SDK's agents go through the proxy, share connections in a burst, and drop the idle ones on a refresh", async () => {
  const { proxy, network, url, authority } = await behindProxy();
  const fetch = () =>
    new Promise<number | undefined>((resolve, reject) => {
      get(url, { agent: network.agents.https }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      }).on('error', reject);
    });
  const freed = () => once(network.agents.https, 'free');
  const first = freed();
  expect(await fetch()).toBe(200);
  await first;
  const second = freed();
  expect(await fetch()).toBe(200);
  await second;
  expect(proxy.asked).toEqual([authority]);
  network.refresh();
  expect(await fetch()).toBe(200);
  expect(proxy.asked).toEqual([authority, authority]);
  proxy.manner = { does: 'refuse', status: 503 };
  network.refresh();
  await expect(fetch()).rejects.toThrow(`refused a tunnel to ${authority}: HTTP 503`);
});

test('options that could never work are refused by name', () => {
  expect(() => checkNetworkOptions({ proxy: 'off' })).toThrow(/^proxy must be/);
  expect(() => checkNetworkOptions({ ca: 'not PEM' })).toThrow('ca must hold at least one PEM certificate');
  expect(() => checkNetworkOptions({ ca: 7 })).toThrow('ca must be PEM text');
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
  expect(() => checkNetworkOptions({ ca: [AUTHORITY, broken] })).toThrow('one of them cannot be read');
  expect(() => checkNetworkOptions({ caFile: '' })).toThrow('caFile must be the path of a file');
  expect(() => checkNetworkOptions({ ca: [AUTHORITY, Buffer.from(AUTHORITY)], caFile: 'later.pem' })).not.toThrow();
});
