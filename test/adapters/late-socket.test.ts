import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import type { SocketEnd, SocketListener } from '../../src/ports/index.js';
import { serveTcp } from '../support/loopback.js';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** The dial as it is in a process that has not loaded ws yet. */
async function freshDial() {
  vi.resetModules();
  const { createWsDial, loadWebSocket } = await import('../../src/adapters/ws-dial.js');
  return { dial: createWsDial(), loadWebSocket };
}

/** As if the package were not there. */
function loseWs(): void {
  vi.doMock('ws', () => {
    throw new Error('Cannot find package ws');
  });
  cleanups.push(() => void vi.doUnmock('ws'));
}

function listening(): { readonly listener: SocketListener; readonly ends: SocketEnd[]; readonly ended: Promise<void> } {
  const ends: SocketEnd[] = [];
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const ignore = () => {};
  const closed = (how: SocketEnd): void => {
    ends.push(how);
    end();
  };
  return { listener: { opened: ignore, message: ignore, text: ignore, pong: ignore, closed }, ends, ended };
}

test('whoever dials first loads ws by that, and nobody has to wait for it afterwards', async () => {
  const { dial, loadWebSocket } = await freshDial();
  const server = await serveTcp((socket) => socket.end('HTTP/1.1 503 Busy\r\n\r\n'));
  cleanups.push(server.close);
  const { listener, ends, ended } = listening();
  const socket = dial(server.url.replace('http', 'ws'), listener);
  expect([socket.send(new Uint8Array(1)), socket.ping()]).toEqual([false, false]);
  await ended;
  expect(ends).toMatchObject([{ how: 'refused', status: 503 }]);
  expect(loadWebSocket()).toBeNull();
});

test('a socket that is given up before ws is loaded never opens, and says so once', async () => {
  const { dial, loadWebSocket } = await freshDial();
  let count = 0;
  const server = await serveTcp(() => {
    count += 1;
  });
  cleanups.push(server.close);
  const { listener, ends, ended } = listening();
  const socket = dial(server.url.replace('http', 'ws'), listener);
  socket.terminate();
  socket.close(1_000, '', 10);
  expect(ends).toEqual([]);
  await ended;
  await loadWebSocket();
  expect(ends).toMatchObject([{ how: 'failed', error: 'aborted' }]);
  expect(count).toBe(0);
});

test('without ws a dial fails with the reason, and another one tries to load it again', async () => {
  const { dial, loadWebSocket } = await freshDial();
  loseWs();
  const { listener, ends, ended } = listening();
  dial('ws://127.0.0.1:1/', listener);
  await ended;
  expect(ends).toMatchObject([{ how: 'failed', message: 'Cannot find package ws' }]);
  vi.doUnmock('ws');
  await loadWebSocket();
  expect(loadWebSocket()).toBeNull();
});

test('a connector does not start without ws: that is found before the first attempt, not in an outage', async () => {
  vi.resetModules();
  loseWs();
  const { createConnector } = await import('../../src/connector.js');
  const connector = createConnector({
    appId: 'cli_0123456789abcdef',
    appSecret: 'x',
    domain: 'http://127.0.0.1:1',
    handlers: {},
    logger: pino({ level: 'silent' }),
  });
  await expect(connector.start()).rejects.toThrow();
  expect(connector.status().attempts.count).toBe(0);
  vi.doUnmock('ws');
  await connector.start();
  cleanups.push(() => connector.stop({ drainMs: 0 }));
  expect(connector.status().attempts.isUnderWay).toBe(true);
});
