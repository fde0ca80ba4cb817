import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';

/** A server on a free loopback port, and the way to end it with every socket it holds. */
export interface Loopback<Listener> {
  readonly server: Listener;
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

export async function serveHttp(listener: RequestListener): Promise<Loopback<Server>> {
  return loopback(createServer(listener));
}

export async function serveTcp(onSocket: (socket: Socket) => void): Promise<Loopback<TcpServer>> {
  return loopback(createTcpServer(onSocket));
}

/** Listens on a free port of 127.0.0.1, and keeps count of the sockets. */
export async function loopback<Listener extends TcpServer>(
  server: Listener,
  scheme: 'http' | 'https' = 'http',
): Promise<Loopback<Listener>> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // the test's other end tears it down on purpose
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await listen(server);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      // Upgraded sockets too, which a server does not count as its own any more.
      for (const socket of sockets) socket.destroy();
    });
  return { server, port, url: `${scheme}://127.0.0.1:${port}`, close };
}

function listen(server: TcpServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
