import { LateStarts } from './late-starts.js';
import { isInTheWay, type PreparedApp, type UnpreparedApp } from './prepared-app.js';
import { RunningApp, type RunningAppParts } from './running-app.js';
import type { Turns } from './turns.js';

/** Names of the apps, by what became of them. */
export interface ReloadSummary {
  readonly started: readonly string[];
  readonly stopped: readonly string[];
  readonly restarted: readonly string[];
  readonly unchanged: readonly string[];
  /** Wanted, and could not start: not connected, and tried again until it can. */
  readonly failed: readonly string[];
}

/** An app that a reload takes away. */
interface LeavingApp {
  readonly app: RunningApp;
  /** Resolves once it is gone. Never rejects. */
  readonly gone: Promise<void>;
}

/** What became of a start in a reload; `left`: the daemon stops. */
type StartOutcome = 'started' | 'failed' | 'left';

/**
 * The apps that are wanted, in the order of the configuration. No app's trouble is a reason to leave the others unstarted
 * or stopped: one that cannot start, because its journal is in use say, is tried again while the others run.
 */
export class RunningApps {
  readonly #parts: RunningAppParts;
  readonly #byName = new Map<string, RunningApp>();
  readonly #lateStarts: LateStarts;
  /** Ends the wait for an app that is tried again. */
  #tellHalted: () => void = () => {};
  #isHalted = false;

  /** @param turns Those of the daemon: an app that is tried again waits for its reloads, and they for it. */
  constructor(parts: RunningAppParts, turns: Turns) {
    this.#parts = parts;
    this.#lateStarts = new LateStarts(parts.clock, () => turns.take(() => this.#startLate()));
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  get all(): readonly RunningApp[] {
    return [...this.#byName.values()];
  }

  /**
   * Starts the first ones.
   * @throws the first app's reason if none of them starts: whoever started the daemon is told at once. Whatever an app
   *   throws of which no connector can be made.
   */
  async start(prepared: readonly (PreparedApp | UnpreparedApp)[]): Promise<void> {
    // Together: a journal that takes long to open keeps nobody else waiting.
    const results = await Promise.allSettled(prepared.map((app) => this.#startApp(app)));
    const failures = results.flatMap((result, index) => {
      const app = prepared[index];
      return app === undefined || result.status === 'fulfilled' ? [] : [{ app, error: result.reason as unknown }];
    });
    // Options that no connector takes, or a bug: whoever starts the daemon is told at once.
    const bug = failures.find(
      ({ app }) => !('failure' in app) && this.#byName.get(app.config.app)?.isCreated === false,
    );
    if (bug !== undefined) throw bug.error;
    if (failures.length > 0 && failures.length === prepared.length) throw failures[0]?.error;
    for (const { app, error } of failures) this.#tellUnstarted(app.config.app, error);
    this.#awaitLateStarts();
  }

  /**
   * Makes those run that are wanted now. The others go; those that stay as they are take this as an operator's word that
   * an attempt is worth it now. Never rejects.
   */
  async replace(prepared: readonly PreparedApp[], drainMs: number): Promise<ReloadSummary> {
    const wanted = new Map(prepared.map((app) => [app.config.app, app]));
    const unchanged: string[] = [];
    const leaving = new Map<string, LeavingApp>();
    for (const [name, app] of [...this.#byName]) {
      const next = wanted.get(name);
      if (next !== undefined && app.runsAs(next)) {
        app.reconnect();
        unchanged.push(name);
      } else {
        leaving.set(name, { app, gone: this.#remove(name, app, drainMs) });
      }
    }
    // Each waits for nobody but those in its way: how long one app drains is not how long the others are away.
    const coming = prepared.filter(({ config: { app } }) => !this.#byName.has(app) || leaving.has(app));
    const outcomes = await Promise.all(coming.map((app) => this.#succeed(app, [...leaving.values()])));
    await Promise.all([...leaving.values()].map(({ gone }) => gone));
    this.#sort(wanted.keys());
    this.#awaitLateStarts();
    const namesOf = (outcome: StartOutcome, isRestart: boolean) =>
      coming.flatMap(({ config: { app } }, index) =>
        outcomes[index] === outcome && leaving.has(app) === isRestart ? [app] : [],
      );
    return {
      started: namesOf('started', false),
      stopped: [...leaving.keys()].filter((name) => !wanted.has(name)),
      restarted: namesOf('started', true),
      unchanged,
      failed: [...namesOf('failed', false), ...namesOf('failed', true)],
    };
  }

  /** From now on nothing is started any more, not even what a reload is about to. */
  halt(): void {
    this.#isHalted = true;
    this.#tellHalted();
    this.#lateStarts.stop();
  }

  /** Drains and stops all at once; they stay in view. Never rejects. */
  async stop(drainMs: number): Promise<void> {
    await Promise.all(this.all.map((app) => app.stop(drainMs)));
  }

  clear(): void {
    this.#byName.clear();
  }

  /** Starts an app once those are gone whose place it takes. Never rejects. */
  async #succeed(next: PreparedApp, leaving: readonly LeavingApp[]): Promise<StartOutcome> {
    await Promise.all(leaving.map(({ app, gone }) => isInTheWay(app.config, next.config) && gone));
    // A stop that came meanwhile waits for us: start nothing that it would have to drain.
    if (this.#isHalted) return 'left';
    try {
      await this.#startApp(next);
      return 'started';
    } catch (error) {
      // The new configuration is in force by now, and one app's journal is no reason to leave the others stopped.
      this.#tellUnstarted(next.config.app, error);
      return 'failed';
    }
  }

  async #startApp(prepared: PreparedApp | UnpreparedApp): Promise<void> {
    const app = new RunningApp(prepared, this.#parts);
    this.#byName.set(prepared.config.app, app);
    if ('failure' in prepared) throw prepared.failure;
    await app.launch();
  }

  async #remove(name: string, app: RunningApp, drainMs: number): Promise<void> {
    await app.dispose(drainMs);
    this.#byName.delete(name);
  }

  /** In the order of the configuration, whichever was the first to be there. */
  #sort(names: Iterable<string>): void {
    for (const name of names) {
      const app = this.#byName.get(name);
      if (app === undefined) continue;
      this.#byName.delete(name);
      this.#byName.set(name, app);
    }
  }

  #awaitLateStarts(): void {
    if (this.#haveAllStarted) this.#lateStarts.stop();
    else this.#lateStarts.begin();
  }

  /** @returns Whether all run now, or never will. */
  async #startLate(): Promise<boolean> {
    if (this.#isHalted) return true;
    const waiting = this.all.filter(({ hasStarted }) => !hasStarted);
    // Together: handlers that take their time to load hold up no other app's try.
    const launched = Promise.all(waiting.map((app) => this.#launchLate(app)));
    // No longer than the daemon runs. Not a race with a promise that lives as long as the process.
    await new Promise<unknown>((resolve, reject) => {
      this.#tellHalted = () => resolve(null);
      launched.then(resolve, reject);
    });
    return this.#isHalted || this.#haveAllStarted;
  }

  /** Never rejects. */
  async #launchLate(app: RunningApp): Promise<void> {
    const { app: name } = app.config;
    try {
      await app.launch();
      if (!this.#isHalted) this.#parts.logger.info({ app: name }, '[feishu] an app started after all');
    } catch (error) {
      if (!this.#isHalted) this.#tellUnstarted(name, error);
    }
  }

  get #haveAllStarted(): boolean {
    return this.all.every(({ hasStarted }) => hasStarted);
  }

  #tellUnstarted(name: string, error: unknown): void {
    this.#parts.logger.error(
      { app: name, err: error },
      '[feishu] an app did not start; the others run, and it is tried again',
    );
  }
}
