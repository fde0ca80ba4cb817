import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createPinnedTransport } from '../../src/adapters/index.js';
import { eventually } from '../support/eventually.js';
import { serveTcp } from '../support/loopback.js';
import { serveTls } from '../support/tls/servers.js';

const fileOf = (name: string) => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));

test('whoever shows the very certificate of the file is spoken to, whatever names stand in it', async () => {
  const serving = await serveTls('wrong-host');
  onTestFinished(serving.close);
  const socket = await createPinnedTransport(fileOf('wrong-host.pem'))(new URL(serving.url));
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});

test('whoever shows another one is not, and loses the connection', async () => {
  const serving = await serveTls('trusted');
  onTestFinished(serving.close);
  const accepted = once(serving.server, 'connection');
  const opening = createPinnedTransport(fileOf('wrong-host.pem'))(new URL(serving.url));
  const [socket]: Socket[] = await accepted;
  const closed = socket && once(socket, 'close');
  await expect(opening).rejects.toMatchObject({ kind: 'tls', message: expect.stringContaining('another certificate') });
  await closed;
});

test.each<[string, (socket: Socket) => Promise<unknown>]>([
  ['begins', async () => {}],
  ['is under way', (socket) => once(socket, 'data')],
])('a handshake that is given up as it %s leaves no connection open', async (_when, until) => {
  const serving = await serveTcp(() => {});
  onTestFinished(serving.close);
  const accepted = once(serving.server, 'connection');
  const limit = new AbortController();
  const url = new URL(serving.url.replace('http:', 'https:'));
  const opening = createPinnedTransport(fileOf('trusted.pem'))(url, limit.signal);
  const [socket]: Socket[] = await accepted;
  if (socket === undefined) throw new Error('nobody came');
  const closed = once(socket.resume(), 'close');
  await until(socket);
  limit.abort(new Error('given up'));
  await expect(opening).rejects.toThrow('given up');
  await closed;
});

test('one that is given up while it still connects leaves no connection open either', async () => {
  const open = new Set<Socket>();
  const serving = await serveTcp((socket) => {
    open.add(socket);
    socket.resume().once('close', () => open.delete(socket));
  });
  onTestFinished(serving.close);
  const url = new URL(serving.url.replace('http:', 'https:'));
  const opening = createPinnedTransport(fileOf('trusted.pem'))(url, AbortSignal.abort(new Error('given up')));
  await expect(opening).rejects.toThrow('given up');
  // Whatever was on its way is accepted before this one.
  const later = connect(serving.port, '127.0.0.1');
  onTestFinished(() => void later.destroy());
  await once(later, 'connect');
  const areThere = () => [...open].map(({ remotePort }) => remotePort);
  await eventually(() => areThere().includes(later.localPort), 'the later one is accepted');
  await eventually(() => open.size === 1, 'it is the only one that is open');
  expect(areThere()).toEqual([later.localPort]);
});

test('nobody there, and no certificate in the file, are failures of their own', async () => {
  const serving = await serveTcp((socket) => socket.destroy());
  onTestFinished(serving.close);
  const url = new URL(serving.url.replace('http:', 'https:'));
  await expect(createPinnedTransport(fileOf('trusted.pem'))(url)).rejects.toMatchObject({ kind: 'reset' });
  await expect(createPinnedTransport(fileOf('nonesuch.pem'))(url)).rejects.toMatchObject({
    kind: 'tls',
    message: expect.stringContaining('ENOENT'),
  });
});
