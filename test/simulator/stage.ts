import type { Http, HttpResponse, Socket, SocketEnd } from '../../src/ports/index.js';
import { seededRandom } from '../../src/ports/index.js';
import {
  DEFAULT_APP,
  inMemoryFace,
  type LinkOptions,
  Platform,
  type PlatformOptions,
  VirtualClock,
} from '../../src/simulator/index.js';
import { ackFrame, decodeFrame, encodeFrame, type Frame, headerOf } from '../../src/wire/index.js';

export const BASE_URL = 'http://platform.invalid';
export const LATENCY_MS = 5;

/** A platform in virtual time with an in-memory network of 5 ms each way. */
export function stage(options: Partial<PlatformOptions> & { seed?: number; link?: LinkOptions } = {}) {
  const { seed = 1, link, ...rest } = options;
  const clock = new VirtualClock();
  const platform = new Platform({ clock, random: seededRandom(seed), ...rest });
  const face = inMemoryFace(platform, { latencyMs: LATENCY_MS, ...link });
  const visitor = (app = DEFAULT_APP) => new Visitor(clock, platform, face, app);
  return { clock, platform, face, visitor };
}

export function post(http: Http, path: string, body: unknown, headers: Record<string, string> = {}) {
  return http({
    method: 'POST',
    url: BASE_URL + path,
    route: path,
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    timeoutMs: 15_000,
    maxBytes: 1_000_000,
  });
}

export function get(http: Http, path: string, headers: Record<string, string> = {}) {
  return http({ method: 'GET', url: BASE_URL + path, route: path, headers, timeoutMs: 15_000, maxBytes: 1_000_000 });
}

/** What a promise came to, once the clock has moved far enough. */
export async function after<T>(clock: VirtualClock, ms: number, promise: Promise<T>): Promise<T> {
  const settled = promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  await clock.advanceBy(ms);
  const outcome = await Promise.race([settled, Promise.resolve('pending' as const)]);
  if (outcome === 'pending') throw new Error(`nothing came of it within ${ms} ms`);
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

/** The least that can be called a client: it discovers, dials, pings and acknowledges when told to. */
export class Visitor {
  readonly frames: Frame[] = [];
  readonly texts: number[] = [];
  /** In order: opened, message, text, pong, closed. */
  readonly log: string[] = [];
  end: SocketEnd | null = null;
  /** Answers every event at once if set. */
  acks: { code: 200 | 500; result?: unknown } | null = null;
  socket: Socket | null = null;
  url = '';
  readonly #clock: VirtualClock;
  readonly #platform: Platform;
  readonly #face: ReturnType<typeof inMemoryFace>;
  readonly #app: { appId: string; appSecret: string };

  constructor(
    clock: VirtualClock,
    platform: Platform,
    face: ReturnType<typeof inMemoryFace>,
    app: { appId: string; appSecret: string },
  ) {
    this.#clock = clock;
    this.#platform = platform;
    this.#face = face;
    this.#app = app;
  }

  discover(): Promise<HttpResponse> {
    return post(this.#face.http, '/callback/ws/endpoint', {
      AppID: this.#app.appId,
      AppSecret: this.#app.appSecret,
    });
  }

  /** A socket URL, after two latencies. */
  async ticket(): Promise<string> {
    const answer = await after(this.#clock, 2 * LATENCY_MS, this.discover());
    return JSON.parse(answer.body).data.URL;
  }

  dial(url: string): void {
    this.url = url;
    this.socket = this.#face.dial(url, {
      opened: () => this.log.push('opened'),
      message: (bytes) => this.#message(bytes),
      text: (length) => {
        this.texts.push(length);
        this.log.push('text');
      },
      pong: () => this.log.push('pong'),
      closed: (end) => {
        this.end = end;
        this.log.push('closed');
      },
    });
  }

  /** Discovery and handshake: 20 ms of virtual time. Returns the visitor. */
  async connect(): Promise<this> {
    this.dial(await this.ticket());
    await this.#clock.advanceBy(2 * LATENCY_MS);
    return this;
  }

  get id(): string {
    return new URL(this.url).searchParams.get('device_id') ?? '';
  }

  get isOpen(): boolean {
    return this.log.includes('opened') && this.end === null;
  }

  sendPing(): boolean {
    const service = Number(new URL(this.url).searchParams.get('service_id'));
    const frame = { seqId: 0n, logId: 0n, service, method: 0, headers: [{ key: 'type', value: 'ping' }] };
    return this.socket?.send(encodeFrame(frame)) ?? false;
  }

  ack(frame: Frame, code: 200 | 500, result?: unknown): boolean {
    return this.socket?.send(encodeFrame(ackFrame(frame, { code, result, handlingMs: 1 }))) ?? false;
  }

  /** Data frames in the order they came. */
  get events(): readonly Frame[] {
    return this.frames.filter((frame) => headerOf(frame, 'type') === 'event');
  }

  get pongs(): readonly Frame[] {
    return this.frames.filter((frame) => headerOf(frame, 'type') === 'pong');
  }

  /** Event ids in the order they came; whole events only. */
  get eventIds(): readonly string[] {
    return this.events.map((frame) => envelopeOf(frame).header.event_id);
  }

  get platform(): Platform {
    return this.#platform;
  }

  #message(bytes: Uint8Array): void {
    this.log.push('message');
    let frame: Frame;
    try {
      frame = decodeFrame(bytes.slice());
    } catch {
      this.log.push('undecodable');
      return;
    }
    this.frames.push(frame);
    if (this.acks && headerOf(frame, 'type') === 'event') this.ack(frame, this.acks.code, this.acks.result);
  }
}

export function textOf(frame: Frame | undefined): string {
  return new TextDecoder().decode(frame?.payload);
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks where it likes into JSON it knows
export function envelopeOf(frame: Frame | undefined): any {
  return JSON.parse(textOf(frame));
}

export function headersOf(frame: Frame): Record<string, string> {
  return Object.fromEntries(frame.headers.map(({ key, value }) => [key, value]));
}
