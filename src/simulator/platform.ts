import { type Clock, type Random, seededRandom } from '../ports/index.js';
import { type ActiveFault, ActiveFaults, type Aim, faultStatus } from './active-faults.js';
import { Api, type SentMessage } from './api.js';
import { type AppCredentials, DEFAULT_APP, openApps } from './app.js';
import { Chats } from './chats.js';
import { type ClientConfig, DEFAULT_CLIENT_CONFIG } from './client-config.js';
import { Connections } from './connections.js';
import { Deliveries } from './deliveries.js';
import { Discovery } from './discovery.js';
import { type EventDraft, type EventEnvelope, identityOf } from './event.js';
import { jsonAnswer, type PlatformAnswer, type PlatformRequest } from './exchange.js';
import { type Fault, isMomentary } from './fault.js';
import { describeFault } from './fault-description.js';
import { parseFault } from './fault-parser.js';
import { Gateway, type Reception, type Upgrade } from './gateway.js';
import { Ids } from './ids.js';
import { Ledger, type LedgerEvent } from './ledger.js';
import { MomentaryFaults } from './momentary-faults.js';
import type { PlatformConnection } from './platform-connection.js';
import { PlatformTime } from './platform-time.js';
import { Tickets } from './tickets.js';
import { Tokens } from './tokens.js';
import { Traffic } from './traffic.js';
import { resolveSettings, type Settings, type World } from './world.js';

/** What a platform is made of. */
export interface PlatformOptions {
  readonly clock: Clock;
  /** The only source of chance; default `seededRandom(1)`. */
  readonly random?: Random;
  /** Apps that exist, at least one; default {@link DEFAULT_APP} alone. The first is meant where none is named. */
  readonly apps?: readonly AppCredentials[];
  /** Fields that differ from {@link DEFAULT_CLIENT_CONFIG}, in seconds as on the wire. */
  readonly clientConfig?: Partial<ClientConfig>;
  /** Life of a token, in milliseconds; default 7,200,000. */
  readonly tokenLifetimeMs?: number;
  /** Life of an unused socket URL, in milliseconds; default 60,000. */
  readonly ticketLifetimeMs?: number;
  /** Connections per app; default 50. */
  readonly connectionLimit?: number;
  /** Time a client has for an acknowledgement, in milliseconds; default 3000. */
  readonly ackDeadlineMs?: number;
  /** Factor for the pauses of the redelivery ladder; default 1. 0.001 makes six hours 21.6 seconds. */
  readonly redeliveryScale?: number;
  /** An event with no connection to go to: spend this rung and go on (`retry`, default), or give it up (`lost`). */
  readonly whenNobodyOnline?: 'retry' | 'lost';
  /** Ping intervals without a ping after which a connection is reset, at least 2; default 3. Null: never. */
  readonly missedPingLimit?: number | null;
  /** Events kept in the ledger; default 100,000. */
  readonly maxEvents?: number;
}

/** What the platform tells whoever follows its story. */
export type PlatformNotice =
  | { readonly type: 'fault_started'; readonly id: string; readonly fault: Fault; readonly description: string }
  | { readonly type: 'fault_ended'; readonly id: string; readonly fault: Fault; readonly description: string };

/**
 * Feishu's open platform as far as a long-connection bot meets it: discovery, handshake, frames, events, tokens and a
 * few API calls. It does no I/O: a face (in memory or with real sockets) carries bytes to and from it. With a virtual
 * clock and a seed every run is the same run.
 */
export class Platform {
  /** Every event and what became of it. */
  readonly ledger: Ledger;
  /** Everything clients did, counted. */
  readonly traffic: Traffic;
  readonly settings: Settings;
  /** The clock it was given, for faces and scenarios. */
  readonly clock: Clock;
  readonly #apps: ReturnType<typeof openApps>;
  readonly #world: World;
  readonly #faults: ActiveFaults;
  readonly #momentary: MomentaryFaults;
  readonly #connections: Connections;
  readonly #deliveries: Deliveries;
  readonly #discovery: Discovery;
  readonly #gateway: Gateway;
  readonly #tokens: Tokens;
  readonly #chats = new Chats();
  readonly #api: Api;
  readonly #listeners = new Set<(notice: PlatformNotice) => void>();
  #faultCount = 0;

  /** @throws RangeError for an option out of bounds, naming it. */
  constructor(options: PlatformOptions) {
    const { clock, random = seededRandom(1), apps, clientConfig, ...rest } = options;
    this.clock = clock;
    this.settings = resolveSettings(rest, { ...DEFAULT_CLIENT_CONFIG, ...clientConfig });
    const time = new PlatformTime(clock);
    this.traffic = new Traffic(time);
    this.ledger = new Ledger(this.settings.maxEvents);
    this.#apps = openApps(apps ?? [DEFAULT_APP]);
    this.#faults = new ActiveFaults(time, (ended) => this.#faultEnded(ended));
    this.#world = {
      time,
      random,
      ids: new Ids(random),
      apps: this.#apps,
      faults: this.#faults,
      traffic: this.traffic,
      settings: this.settings,
    };
    const tickets = new Tickets(this.#world);
    this.#connections = new Connections(random);
    this.#deliveries = new Deliveries(this.#world, this.#connections, this.ledger);
    this.#discovery = new Discovery(this.#world, tickets);
    this.#gateway = new Gateway(this.#world, tickets, this.#connections, this.#deliveries);
    this.#tokens = new Tokens(this.#world);
    this.#api = new Api(this.#world, this.#tokens, this.#connections, this.#chats);
    this.#momentary = new MomentaryFaults(this.#world, this.#connections, this.#deliveries, this.#tokens);
  }

  /** Ids of all apps; the first is the default. */
  get appIds(): readonly string[] {
    return [...this.#apps.keys()];
  }

  /** What the bot sent through the API, oldest first. */
  get sent(): readonly SentMessage[] {
    return this.#api.sent;
  }

  /** Connections that the platform holds for alive, oldest first. */
  connections(appId?: string): readonly PlatformConnection[] {
    return this.#connections.open(appId);
  }

  /**
   * An event happens in the app's tenant: it goes to one of the app's connections.
   * @throws TypeError for an envelope without id or type, RangeError for an app that does not exist.
   */
  send(event: EventDraft | EventEnvelope, options: { readonly appId?: string } = {}): LedgerEvent {
    const app = this.#app(options.appId);
    const { ids, time } = this.#world;
    const stamp = { ids, wallNow: time.wallNow(), appId: app.appId, tenantKey: app.tenantKey };
    const sent = this.#deliveries.send(app.appId, typeof event === 'function' ? event(stamp) : event);
    this.#chats.addFromEvent(app.appId, sent.eventType, sent.envelope.event);
    return sent;
  }

  /**
   * Somebody says something that the platform does not push to this app: in a group without mentioning its bot, say. It
   * stands in the history all the same. Only for messages.
   */
  say(event: EventDraft, options: { readonly appId?: string } = {}): void {
    const app = this.#app(options.appId);
    const { ids, time } = this.#world;
    const said = event({ ids, wallNow: time.wallNow(), appId: app.appId, tenantKey: app.tenantKey });
    this.#chats.addFromEvent(app.appId, identityOf(said).eventType, said.event);
  }

  /** From now on only this secret is accepted. Tokens and connections live on. */
  rotateSecret(appId: string, appSecret: string): void {
    this.#app(appId).appSecret = appSecret;
  }

  /**
   * Does harm.
   * @returns The fault's id, for {@link clear}.
   * @throws FaultError naming the field that is wrong.
   */
  inject(fault: Fault): string {
    const checked = parseFault(fault);
    const id = `fault-${++this.#faultCount}`;
    this.#tell({ type: 'fault_started', id, fault: checked, description: describeFault(checked) });
    if (isMomentary(checked)) this.#momentary.start(id, checked, () => this.#tellEnd(id, checked));
    else {
      this.#faults.add(id, checked, this.#aim(checked));
      if (checked.fault === 'half_open') this.#freezeCovered();
      if (checked.fault === 'kick_every')
        for (const connection of this.#connections.open(checked.appId)) this.#gateway.scheduleKick(connection);
    }
    return id;
  }

  /** Ends one fault, or all of them. @returns How many ended. */
  clear(id?: string): number {
    const ids = id === undefined ? this.activeFaults.map((active) => active.id) : [id];
    return ids.filter((each) => this.#clearOne(each)).length;
  }

  /** Faults in force, as plain JSON. */
  get activeFaults() {
    const repeating = this.#momentary.all.map(({ id, fault, strikesLeft }) => ({
      id,
      fault: fault as Fault,
      description: describeFault(fault),
      usesLeft: strikesLeft as number | null,
    }));
    return [...this.#faults.all.map(faultStatus), ...repeating];
  }

  /** Tells `listener` of every fault that starts or ends. @returns Takes the listener off again. */
  subscribe(listener: (notice: PlatformNotice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resets every connection and cancels every timer: nothing happens any more. */
  stop(): void {
    this.clear();
    for (const connection of this.#connections.open()) connection.reset('platform_stopped');
    this.#deliveries.stop();
    this.#gateway.stop();
  }

  /** For faces: whether the network lets a client through to HTTP or to sockets. */
  networkFailure(via: 'http' | 'socket'): 'refused' | 'dns' | null {
    const isMeant = (fault: { readonly via?: string }) => (fault.via ?? 'both') === 'both' || fault.via === via;
    if (this.#faults.strike('dns_failure', { appId: null }, isMeant)) return 'dns';
    return this.#faults.strike('refuse_tcp', { appId: null }, isMeant) ? 'refused' : null;
  }

  /** For faces: answers an HTTP request. */
  answer(request: PlatformRequest): PlatformAnswer {
    const error = this.networkFailure('http');
    if (error) return { how: 'unreachable', error };
    const answer = this.#answer(request);
    return answer.how === 'answered' ? { ...answer, headers: { date: this.#date(), ...answer.headers } } : answer;
  }

  /** As HTTP writes it (RFC 9110, section 5.6.7): in whole seconds. */
  #date(): string {
    const offsetMs = this.#faults.strike('date_skew', { appId: null })?.offsetMs ?? 0;
    return new Date(this.#world.time.wallNow() + offsetMs).toUTCString();
  }

  #answer(request: PlatformRequest): PlatformAnswer {
    // Node, Python and Java join by plain concatenation: a base URL with a slash at its end gives two.
    const path = request.path.replace(/^\/\/+/, '/');
    const isPost = request.method === 'POST';
    if (path === '/callback/ws/endpoint' && isPost) return this.#discovery.answer(request);
    if (path === '/open-apis/auth/v3/tenant_access_token/internal' && isPost) return this.#tokens.answer(request);
    if (path === '/oauth/v3/token' && isPost) return this.#tokens.exchange(request);
    if (path.startsWith('/open-apis/')) return this.#api.answer({ ...request, path });
    return jsonAnswer(404, { code: 404, msg: `no such route: ${path}` });
  }

  /** For faces: an upgrade request for a socket URL arrives. */
  receiveUpgrade(query: URLSearchParams): Reception {
    const error = this.networkFailure('socket');
    return error ? { how: 'unreachable', error } : this.#gateway.receive(query);
  }

  /** For faces: the verdict over it, after the delay of {@link receiveUpgrade}. */
  upgrade(query: URLSearchParams): Upgrade {
    return this.#gateway.upgrade(query);
  }

  #app(appId: string = this.appIds[0] ?? '') {
    const app = this.#apps.get(appId);
    if (!app) throw new RangeError(`there is no app ${appId}; there are ${this.appIds.join(', ')}`);
    return app;
  }

  #aim(fault: Fault): Aim | null {
    if (fault.fault !== 'half_open' && fault.fault !== 'mute' && fault.fault !== 'silent_pongs') return null;
    const aimed = this.#connections.named(fault.which ?? 'all', fault.appId);
    return { connectionIds: new Set(aimed.map(({ id }) => id)), lastNumber: this.#gateway.lastNumber };
  }

  #freezeCovered(): void {
    for (const connection of this.#connections.open())
      if (this.#isFrozen(connection)) this.#connections.freeze(connection);
  }

  #isFrozen(connection: PlatformConnection): boolean {
    return this.#faults.find('half_open', { appId: connection.appId, connection }) !== null;
  }

  #clearOne(id: string): boolean {
    if (this.#faults.remove(id)) return true;
    const running = this.#momentary.all.find((candidate) => candidate.id === id);
    if (!running) return false;
    this.#momentary.stop(id);
    this.#tellEnd(id, running.fault);
    return true;
  }

  #faultEnded({ id, fault }: ActiveFault): void {
    if (fault.fault === 'half_open') this.#connections.thaw((connection) => this.#isFrozen(connection));
    this.#tellEnd(id, fault);
  }

  #tellEnd(id: string, fault: Fault): void {
    this.#tell({ type: 'fault_ended', id, fault, description: describeFault(fault) });
  }

  #tell(notice: PlatformNotice): void {
    for (const listener of this.#listeners) listener(notice);
  }
}
