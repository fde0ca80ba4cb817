import { onTestFinished } from 'vitest';
import { createNetwork, type Network, type NetworkOptions } from '../../src/adapters/index.js';
import { type Clock, HttpError, type NetworkError, type SocketEnd } from '../../src/ports/index.js';

/** What became of a try: `ok`, or the kind of the error with its words. */
export interface Outcome {
  readonly kind: NetworkError | 'ok';
  readonly message: string;
}

/** A timer for the limit of a connection that goes off when the test says so, and then at once. */
export function limitByHand() {
  const armed: (() => void)[] = [];
  const timer: Clock['timer'] = (_delayMs, fire) => {
    armed.push(fire);
    return { cancel: () => {} };
  };
  return { timer, passes: (): void => armed.at(-1)?.() };
}

/** A network that is closed with the test. It looks at no environment but the one given. */
export function testNetwork(options: NetworkOptions = {}): Network {
  const network = createNetwork({ environment: {}, ...options });
  onTestFinished(() => network.close());
  return network;
}

/** An HTTP call and a dial to the same `https:` or `http:` URL, one after the other. */
export async function tryBoth(network: Network, url: string): Promise<{ http: Outcome; dial: Outcome }> {
  return { http: await tryHttp(network, url), dial: await tryDial(network, url.replace(/^http/, 'ws')) };
}

export async function tryHttp({ http }: Network, url: string, signal?: AbortSignal): Promise<Outcome> {
  try {
    const limits = { timeoutMs: 10_000, maxBytes: 10_000 };
    await http({ method: 'GET', url, route: '/route', ...limits, ...(signal && { signal }) });
    return { kind: 'ok', message: '' };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { kind: error.kind, message: error.message.replace('/route: ', '') };
  }
}

/** A socket that was opened is terminated at once. */
export async function tryDial({ dial }: Network, url: string): Promise<Outcome> {
  let isOpened = false;
  const end = await new Promise<SocketEnd>((resolve) => {
    const socket = dial(url, {
      opened: () => {
        isOpened = true;
        socket.terminate();
      },
      message: () => {},
      text: () => {},
      pong: () => {},
      closed: resolve,
    });
  });
  if (isOpened) return { kind: 'ok', message: '' };
  return end.how === 'failed' ? { kind: end.error, message: end.message } : { kind: 'unknown', message: end.how };
}
