import { PassThrough } from 'node:stream';
import { systemClock } from '../../src/adapters/index.js';
import type { CliFace, Fault, Signal } from '../../src/cli/face.js';
import { FakeConnectors } from './app-connector.js';

/** A command's surroundings in memory: what it writes, the signals it gets, and whether it ended the process. */
export class TestFace implements CliFace {
  readonly argv: readonly string[];
  readonly env: Record<string, string | undefined>;
  readonly cwd: string;
  readonly nodeVersion: string;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly isTty: boolean;
  readonly clock: CliFace['clock'];
  readonly startedAt?: number;
  readonly connectors = new FakeConnectors();
  readonly createConnector: NonNullable<CliFace['createConnector']>;
  /** Codes that the process would have been ended with. */
  readonly exits: number[] = [];
  readonly #signals = new Map<Signal, Set<() => void>>();
  readonly #faults = new Set<(fault: Fault) => void>();
  #out = '';
  #err = '';
  readonly #waiting: { readonly pattern: RegExp; readonly found: () => void }[] = [];

  constructor(argv: readonly string[], given: Partial<CliFace> = {}) {
    this.argv = argv;
    this.env = { ...given.env };
    this.cwd = given.cwd ?? '/';
    this.nodeVersion = given.nodeVersion ?? process.versions.node;
    this.isTty = given.isTty ?? false;
    this.clock = given.clock ?? systemClock;
    if (given.startedAt !== undefined) this.startedAt = given.startedAt;
    this.createConnector = given.createConnector ?? this.connectors.create;
    this.stdout.on('data', (chunk) => {
      this.#out += chunk;
      this.#look();
    });
    this.stderr.on('data', (chunk) => {
      this.#err += chunk;
      this.#look();
    });
  }

  get out(): string {
    return this.#out;
  }

  get err(): string {
    return this.#err;
  }

  /** Listeners that are still there. */
  get listenerCount(): number {
    return [...this.#signals.values()].reduce((sum, { size }) => sum + size, this.#faults.size);
  }

  onSignal(signal: Signal, listener: () => void): () => void {
    const listeners = this.#signals.get(signal) ?? new Set();
    this.#signals.set(signal, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  onFault(listener: (fault: Fault) => void): () => void {
    this.#faults.add(listener);
    return () => this.#faults.delete(listener);
  }

  exitNow(code: number): void {
    this.exits.push(code);
  }

  signal(signal: Signal): void {
    for (const listener of [...(this.#signals.get(signal) ?? [])]) listener();
  }

  fault(fault: Fault): void {
    for (const listener of [...this.#faults]) listener(fault);
  }

  /** Resolves as soon as what was written matches. */
  saw(pattern: RegExp): Promise<void> {
    return new Promise((found) => {
      this.#waiting.push({ pattern, found });
      this.#look();
    });
  }

  #look(): void {
    for (const { pattern, found } of this.#waiting) if (pattern.test(this.#out + this.#err)) found();
  }
}
