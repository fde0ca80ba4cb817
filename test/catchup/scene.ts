import {
  type CatchupReport,
  HOURS_OF_WEEK,
  Lookout,
  type LookoutOptions,
  type LookoutParts,
  NOTES_TABLE,
  resolveLookoutPolicy,
} from '../../src/catchup/index.js';
import { momentOf, type Socket, type Store, seededRandom, type Timer } from '../../src/ports/index.js';
import {
  DEFAULT_APP,
  inMemoryFace,
  messageEvent,
  Platform,
  type PlatformOptions,
  VirtualClock,
} from '../../src/simulator/index.js';
import {
  ackFrame,
  decodeFrame,
  type Envelope,
  encodeFrame,
  headerOf,
  METHOD,
  parseEnvelope,
  pingFrame,
} from '../../src/wire/index.js';
import { MemoryStore } from '../support/memory-store.js';

export const APP = DEFAULT_APP.appId;
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const BASE_URL = 'http://platform.invalid';

export interface SceneOptions {
  readonly seed?: number;
  readonly policy?: LookoutOptions;
  readonly platform?: Partial<PlatformOptions>;
  readonly clock?: VirtualClock;
  readonly store?: Store | null;
  readonly canary?: (platform: Platform) => LookoutParts['canary'];
  /** What delivery says to a message of catch-up that is new; default `taken`. */
  readonly feed?: LookoutParts['feed'];
  /** What earlier weeks have taught: so many in every hour of the week. Default: nothing yet. */
  readonly eventsPerHour?: number;
  /** Whether advice to replace is followed; default true. */
  readonly isObedient?: boolean;
}

/** One client of the platform with the least of a delivery behind it, and the Lookout that watches it. */
export class Scene {
  readonly clock: VirtualClock;
  readonly platform: Platform;
  store: Store | null;
  readonly reports: (CatchupReport & { readonly at: number })[] = [];
  /** Ids of messages in the order in which they became known, and how. */
  readonly messages = new Map<string, 'push' | 'catchup'>();
  readonly fed: Envelope[] = [];
  lookout: Lookout;
  replacements = 0;
  readonly #options: SceneOptions;
  readonly #face: ReturnType<typeof inMemoryFace>;
  #sockets: Socket[] = [];
  #token: string | null = null;
  #generation = 0;

  constructor(options: SceneOptions = {}) {
    const { seed = 1, clock = new VirtualClock(), store } = options;
    this.#options = options;
    this.clock = clock;
    this.store = store === undefined ? new MemoryStore({ clock }) : store;
    this.platform = new Platform({ clock, random: seededRandom(seed), ...options.platform });
    this.#face = inMemoryFace(this.platform);
    this.lookout = this.#watch();
  }

  /** Kill -9: nothing is said, nothing is written, and the platform may not notice. The next process has not begun. */
  kill(): void {
    this.#generation += 1;
    for (const socket of this.#sockets.splice(0)) socket.terminate();
    if (this.store instanceof MemoryStore) this.store = this.store.crash('process');
    this.lookout = this.#watch();
  }

  /** A clean stop of the whole process. The next one has not begun. */
  async end(): Promise<void> {
    await this.stop();
    for (const socket of this.#sockets.splice(0)) socket.close(1000, 'bye', SECOND);
    await this.clock.advanceBy(50);
    this.#generation += 1;
    this.lookout = this.#watch();
  }

  /** Starts to watch and connects. */
  async begin(): Promise<this> {
    this.lookout.start(this.store);
    await this.connect();
    return this;
  }

  async connect(): Promise<void> {
    const ticket = await this.#within(this.#discover());
    const socket = this.#dial(ticket);
    await this.clock.advanceBy(20);
    this.#sockets.push(socket);
    this.lookout.connections(this.#sockets.length);
  }

  /** The connection is lost, and the platform knows it 20 ms later. Clean: with a close frame. */
  async drop({ isClean = true }: { readonly isClean?: boolean } = {}): Promise<void> {
    const socket = this.#sockets.shift();
    if (isClean) socket?.close(1000, 'bye', 1_000);
    else socket?.terminate();
    this.lookout.ended({ isClean });
    this.lookout.connections(this.#sockets.length);
    await this.clock.advanceBy(20);
  }

  /** Without a connection for this long. */
  async outage(ms: number, { isClean = true } = {}): Promise<void> {
    await this.drop({ isClean });
    await this.clock.advanceBy(ms);
    await this.connect();
  }

  /** Somebody writes; returns the message's id. */
  send(options: Parameters<typeof messageEvent>[0] = {}): string {
    const sent = this.platform.send(messageEvent(options));
    return (sent.envelope.event as { message: { message_id: string } }).message.message_id;
  }

  /** Somebody writes, and it arrives if it can. */
  async hear(options: Parameters<typeof messageEvent>[0] = {}): Promise<string> {
    const messageId = this.send(options);
    await this.clock.advanceBy(50);
    return messageId;
  }

  /** Ends with the Lookout stopped and everything settled. */
  async stop(): Promise<void> {
    let isStopped = false;
    const stopped = this.lookout.stop().then(() => {
      isStopped = true;
    });
    await this.clock.runUntil(() => isStopped, MINUTE);
    await stopped;
  }

  of<Type extends CatchupReport['type']>(type: Type) {
    return this.reports.filter(
      (report): report is Extract<CatchupReport, { type: Type }> & { readonly at: number } => report.type === type,
    );
  }

  /** REST calls so far, tokens aside. */
  get calls(): number {
    return this.platform.traffic.count('api');
  }

  /** REST calls to this path, of the latest 1,000. */
  callsTo(path: string): number {
    return this.platform.traffic.recent('api').filter(({ outcome }) => outcome.split(' ')[1] === path).length;
  }

  #watch(): Lookout {
    const { seed = 1, policy, canary, feed, isObedient = true } = this.#options;
    const made = canary?.(this.platform);
    const generation = this.#generation;
    // A dead process may have timers left on this clock; it does nothing any more.
    const isAlive = () => generation === this.#generation;
    return new Lookout({
      clock: this.clock,
      random: seededRandom(seed + 1),
      http: (request) => (isAlive() ? this.#face.http(request) : new Promise(() => {})),
      token: {
        current: async () => this.#token ?? (await this.#fetchToken()),
        invalidate: () => {
          this.#token = null;
        },
      },
      baseUrl: BASE_URL,
      appId: APP,
      policy: resolveLookoutPolicy(policy),
      feed: async (envelope, source) => {
        const messageId = (envelope.data.message as { message_id: string }).message_id;
        if (this.messages.has(messageId)) return 'known';
        const outcome = (await feed?.(envelope, source)) ?? 'taken';
        if (outcome === 'taken') {
          this.fed.push(envelope);
          this.messages.set(messageId, 'catchup');
        }
        return outcome;
      },
      isKnown: (messageId) => this.messages.has(messageId),
      advise: () => {
        this.replacements += 1;
        if (isObedient) void this.#replace();
      },
      report: (report) => {
        if (isAlive()) this.reports.push({ ...report, at: this.clock.now() });
      },
      ...(made !== undefined && { canary: made }),
    });
  }

  /** Make before break. */
  async #replace(): Promise<void> {
    const old = this.#sockets.splice(0);
    const fresh = this.#dial(await this.#discover());
    this.#sockets.push(fresh);
    this.clock.timer(50, () => {
      for (const socket of old) socket.close(1000, 'bye', 1_000);
      this.lookout.replaced();
    });
  }

  async #discover(): Promise<string> {
    const answer = await this.#post('/callback/ws/endpoint', { AppID: APP, AppSecret: DEFAULT_APP.appSecret });
    return JSON.parse(answer.body).data.URL;
  }

  async #fetchToken(): Promise<string> {
    const credentials = { app_id: APP, app_secret: DEFAULT_APP.appSecret };
    const answer = await this.#post('/open-apis/auth/v3/tenant_access_token/internal', credentials);
    const body = JSON.parse(answer.body) as { tenant_access_token: string; expire: number };
    this.#token = body.tenant_access_token;
    this.clock.timer((body.expire - 60) * SECOND, () => {
      this.#token = null;
    });
    return body.tenant_access_token;
  }

  #post(path: string, body: unknown) {
    const text = JSON.stringify(body);
    return this.#face.http({
      method: 'POST',
      url: BASE_URL + path,
      route: path,
      body: text,
      timeoutMs: 15_000,
      maxBytes: 100_000,
    });
  }

  #dial(url: string): Socket {
    const service = Number(new URL(url).searchParams.get('service_id'));
    let timer: Timer | null = null;
    const ping = () => {
      socket.send(encodeFrame(pingFrame(service)));
      timer = this.clock.timer(90 * SECOND, ping);
    };
    const socket: Socket = this.#face.dial(url, {
      opened: () => ping(),
      message: (bytes) => this.#message(bytes, socket),
      text: () => {},
      pong: () => {},
      closed: () => timer?.cancel(),
    });
    return socket;
  }

  #message(bytes: Uint8Array, socket: Socket): void {
    const frame = decodeFrame(bytes.slice());
    this.lookout.heard(this.clock.wallNow());
    if (frame.method !== METHOD.data || headerOf(frame, 'type') !== 'event') return;
    const envelope = parseEnvelope(frame.payload ?? new Uint8Array());
    this.lookout.arrived(envelope, momentOf(this.clock));
    const { message } = envelope.data as { message?: { message_id: string } };
    if (message !== undefined && !this.messages.has(message.message_id)) this.messages.set(message.message_id, 'push');
    this.lookout.taken(envelope);
    socket.send(encodeFrame(ackFrame(frame, { code: 200, handlingMs: 1 })));
  }

  async #within<Value>(work: Promise<Value>): Promise<Value> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    await this.clock.runUntil(() => isDone, MINUTE);
    return done;
  }
}

export async function scene(options: SceneOptions = {}): Promise<Scene> {
  const world = new Scene(options);
  if (options.eventsPerHour !== undefined) {
    const hours = Array.from({ length: HOURS_OF_WEEK }, () => options.eventsPerHour);
    const value = new TextEncoder().encode(JSON.stringify({ hours }));
    await world.store?.commit([{ table: NOTES_TABLE, key: 'baseline', value }]);
  }
  return world.begin();
}
