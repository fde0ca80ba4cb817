import { isDeepStrictEqual } from 'node:util';
import type { CertificateInForce } from '../observe/index.js';
import { redact } from '../ports/index.js';
import { ControlSocketError, type SocketChoice, socketPathsOf } from './control-socket.js';
import {
  type ControlSocket,
  checkSurface,
  type HttpSurface,
  openControlSocket,
  openHttpSurface,
  type SurfaceView,
} from './http-surface.js';
import { formatListenAddress, isLoopback, type ListenAddress } from './listen-address.js';
import type { SurfaceSettings } from './surface-settings.js';

/** Where a daemon is to be seen, and by whom. */
export interface SurfacePlan {
  readonly listen: ListenAddress;
  readonly settings: SurfaceSettings;
}

/** The HTTP surface of a daemon and its control socket, which go where the configuration has them. Calls must not overlap. */
export class DaemonSurface {
  readonly #view: SurfaceView;
  #plan: SurfacePlan | null = null;
  /** Null before the start, after the stop, and where the old place could not be had again. */
  #surface: HttpSurface | null = null;
  #socket: ControlSocket | null = null;

  constructor(view: SurfaceView) {
    this.#view = view;
  }

  /** Base URL; empty while nothing listens. */
  get url(): string {
    return this.#surface?.url ?? '';
  }

  /** Of the HTTP surface; null without TLS. */
  get certificate(): CertificateInForce | null {
    return this.#surface?.certificate ?? null;
  }

  /** @throws ListenError, ControlSocketError or SecretError; what was opened is for {@link close} then. */
  async open(plan: SurfacePlan): Promise<void> {
    this.#surface = await this.#listen(plan);
    this.#tellOpenness(plan);
    await this.#openSocket(plan.settings.socket, this.#surface.address.port);
    this.#tellSocket();
    this.#plan = plan;
  }

  /**
   * Goes over to another plan. Whoever is served meanwhile is not disturbed unless place or scheme change.
   * @throws ListenError, ControlSocketError or SecretError; the old plan is in force then.
   */
  async move(plan: SurfacePlan): Promise<void> {
    const before = this.#plan;
    if (before === null) throw new Error('nothing was opened that could be moved');
    const old = this.#surface;
    const isSamePlace = formatListenAddress(before.listen) === formatListenAddress(plan.listen);
    const isSameScheme = (before.settings.tls === null) === (plan.settings.tls === null);
    if (old === null) await this.#settle(before, plan, before.listen.port);
    else if (!isSamePlace) await this.#moveOut(old, before, plan);
    else if (!isSameScheme) await this.#exchange(old, before, plan);
    else await this.#adopt(old, before, plan);
    this.#plan = plan;
    if (!isDeepStrictEqual(before, plan)) this.#tellOpenness(plan);
    if (this.#surface !== old) this.#view.logger.info({ url: this.url }, '[feishu] the HTTP surface moved');
  }

  /** Closes both, with every connection to them. Twice is once. Never rejects: one that fails holds up nothing. */
  async close(): Promise<void> {
    const surface = this.#surface;
    const socket = this.#socket;
    this.#surface = null;
    this.#socket = null;
    for (const { status, ...result } of await Promise.allSettled([socket?.close(), surface?.close()]))
      if (status === 'rejected' && 'reason' in result)
        this.#view.logger.error({ reason: redact(String(result.reason)) }, '[feishu] a surface did not close');
  }

  /** The old place could not be had again at an earlier move. */
  async #settle(before: SurfacePlan, plan: SurfacePlan, portBefore: number): Promise<void> {
    const surface = await this.#listen(plan);
    try {
      await this.#moveSocket(before, portBefore, plan, surface.address.port);
    } catch (error) {
      await surface.close();
      throw error;
    }
    this.#surface = surface;
    this.#tellSocket();
  }

  async #adopt(old: HttpSurface, before: SurfacePlan, plan: SurfacePlan): Promise<void> {
    const { port } = old.address;
    const takeBack = await old.adopt(plan.settings);
    try {
      await this.#moveSocket(before, port, plan, port);
    } catch (error) {
      takeBack();
      throw error;
    } finally {
      this.#tellSocket();
    }
  }

  /** The new place first: if it is taken, the old one still answers. */
  async #moveOut(old: HttpSurface, before: SurfacePlan, plan: SurfacePlan): Promise<void> {
    try {
      await this.#settle(before, plan, old.address.port);
    } catch (error) {
      this.#tellSocket();
      throw error;
    }
    await old.close();
  }

  /** HTTP and HTTPS cannot have one port at once: nobody answers for a moment. */
  async #exchange(old: HttpSurface, before: SurfacePlan, plan: SurfacePlan): Promise<void> {
    // What can be known to be wrong is known before the old one goes.
    await checkSurface(plan.settings);
    const listen = old.address; // port 0 is any port at the start, and this one from then on
    await old.close();
    this.#surface = null;
    try {
      await this.#settle(before, { ...plan, listen }, listen.port);
    } catch (error) {
      await this.#goBack({ ...before, listen });
      throw error;
    }
  }

  /** Never rejects: why it is needed matters more. */
  async #goBack(before: SurfacePlan): Promise<void> {
    try {
      this.#surface = await this.#listen(before);
      this.#tellSocket();
    } catch (error) {
      this.#view.logger.error(
        { reason: redact(String(error)) },
        '[feishu] the HTTP surface could not go back to where it was; nobody can see this daemon until a reload succeeds',
      );
    }
  }

  #listen({ listen, settings }: SurfacePlan): Promise<HttpSurface> {
    return openHttpSurface(listen, this.#view, { settings });
  }

  /** One that may stay where it is, stays. Otherwise the old one goes first: both may have the same path. */
  async #moveSocket(before: SurfacePlan, portBefore: number, { settings }: SurfacePlan, port: number): Promise<void> {
    const choice = settings.socket;
    const choiceBefore = before.settings.socket;
    if (choice === null && choiceBefore === null) return;
    const path = this.#socket?.path ?? '';
    const isSame = choice !== null && isDeepStrictEqual(choice, choiceBefore);
    if (isSame && socketPathsOf(choice, port).includes(path)) return;
    await this.#socket?.close();
    this.#socket = null;
    try {
      await this.#openSocket(choice, port);
    } catch (error) {
      await this.#openSocket(choiceBefore, portBefore).catch((second: unknown) => {
        const reason = redact(String(second));
        this.#view.logger.error({ reason }, '[feishu] the control socket could not go back to where it was');
      });
      throw error;
    }
  }

  /** Without a place of its own choice the daemon runs without the socket; without the one that was named it does not run. */
  async #openSocket(choice: SocketChoice | null, port: number): Promise<void> {
    const { logger } = this.#view;
    if (choice === null) {
      logger.info('[feishu] there is no control socket, as it is switched off');
      return;
    }
    try {
      this.#socket = await openControlSocket(choice, port, this.#view);
      logger.info({ path: this.#socket.path }, '[feishu] the control socket listens, for this user alone');
    } catch (error) {
      if (!(error instanceof ControlSocketError) || 'path' in choice) throw error;
      logger.warn({ reason: error.message }, '[feishu] there is no control socket');
    }
  }

  #tellSocket(): void {
    this.#surface?.tellSocket(this.#socket?.path ?? null);
  }

  /** Who listens for others should know what they see. */
  #tellOpenness({ listen, settings: { basic, tls } }: SurfacePlan): void {
    if (isLoopback(listen.host)) return;
    const where = formatListenAddress(listen);
    if (basic === null) {
      const says =
        'whoever reaches it reads metrics and status: set FEISHU_HTTP_USER, or let a network policy guard it';
      this.#view.logger.warn({ listen: where }, `[feishu] the HTTP surface asks nobody who they are; ${says}`);
    } else if (tls === null) {
      const says = 'the password travels in the clear: set FEISHU_HTTP_CERT_FILE, or let a proxy do TLS';
      this.#view.logger.warn({ listen: where }, `[feishu] the HTTP surface has no TLS; ${says}`);
    }
  }
}
