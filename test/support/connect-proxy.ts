import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Loopback, loopback } from './loopback.js';

/** What the proxy does with the tunnels that it is asked for. */
export type ProxyManner =
  | { readonly does: 'allow' }
  | { readonly does: 'refuse'; readonly status: number }
  /** Takes the question, tells the test, and never answers. */
  | { readonly does: 'hang'; readonly asked: () => void }
  /** Lets this many bytes come back through the tunnel, and cuts it at the next. */
  | { readonly does: 'cut'; readonly afterBytes: number };

/** A CONNECT proxy on loopback. It resolves every name to 127.0.0.1, as if it alone knew the way. */
export interface ConnectProxy {
  readonly port: number;
  readonly url: string;
  manner: ProxyManner;
  /** `host:port` of every tunnel asked for, in order. */
  readonly asked: string[];
  /** The `Proxy-Authorization` headers that came with them. */
  readonly credentials: (string | undefined)[];
  /** Tunnels that are open. */
  readonly openTunnels: number;
  /** Cuts every tunnel. */
  cutTunnels(): void;
  /** Cuts every tunnel and stops listening. */
  close(): Promise<void>;
}

/** @param server Default: one that speaks plain HTTP. */
export async function connectProxy(server: Server = createServer(), scheme: 'http' | 'https' = 'http') {
  const asked: string[] = [];
  const credentials: (string | undefined)[] = [];
  const tunnels = new Set<Socket>();
  const { port, url, close }: Loopback<Server> = await loopback(server, scheme);
  onTestFinished(close);
  const proxy: ConnectProxy = {
    port,
    url,
    manner: { does: 'allow' },
    asked,
    credentials,
    get openTunnels() {
      return tunnels.size;
    },
    cutTunnels: () => {
      for (const tunnel of tunnels) tunnel.destroy();
    },
    close: async () => {
      proxy.cutTunnels();
      await close();
    },
  };
  server.on('connect', (request, client) => {
    const { manner } = proxy;
    asked.push(request.url ?? '');
    credentials.push(request.headers['proxy-authorization']);
    if (manner.does === 'hang') {
      manner.asked();
      return;
    }
    if (manner.does === 'refuse') {
      client.end(`HTTP/1.1 ${manner.status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const target = connect({ host: '127.0.0.1', port: Number(request.url?.split(':').at(-1)) });
    tunnels.add(target);
    target.on('error', () => client.destroy()); // the client sees the tunnel end; nobody else wants to know
    target.on('close', () => {
      tunnels.delete(target);
      client.destroy();
    });
    client.on('close', () => target.destroy());
    target.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(target);
    });
    let passedBytes = 0;
    target.on('data', (chunk: Buffer) => {
      passedBytes += chunk.length;
      if (manner.does === 'cut' && passedBytes > manner.afterBytes) target.destroy();
      else client.write(chunk);
    });
  });
  return proxy;
}
