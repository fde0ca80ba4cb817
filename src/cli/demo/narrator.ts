import type { Writable } from 'node:stream';
import type { Clock } from '../../ports/index.js';
import { writeLine } from '../face.js';
import { secondsOf } from './figures.js';

export const VOICES = ['harm', 'loss', 'back', 'fact', 'log', 'mail'] as const;
/** Who speaks: harm done to the platform, a loss, a recovery, a plain fact, the connector's own log, or an alert. */
export type Voice = (typeof VOICES)[number];

const MARKS: Readonly<Record<Voice, string>> = { harm: '✂', loss: '✘', back: '✔', fact: ' ', log: '›', mail: '✉' };
const COLOURS: Readonly<Record<Voice, number>> = { harm: 33, loss: 31, back: 32, fact: 0, log: 90, mail: 35 };

/** Tells a story as it happens: one line per thing, with the seconds since the start. */
export class Narrator {
  readonly #clock: Clock;
  readonly #out: Writable;
  readonly #isColoured: boolean;
  readonly #startedAt: number;

  constructor(clock: Clock, out: Writable, isColoured: boolean) {
    this.#clock = clock;
    this.#out = out;
    this.#isColoured = isColoured;
    this.#startedAt = clock.now();
  }

  /** Milliseconds since the start. */
  get elapsedMs(): number {
    return this.#clock.now() - this.#startedAt;
  }

  chapter(title: string): void {
    this.plain('');
    this.plain(this.#isColoured ? `\u001b[1m${title}\u001b[0m` : title);
  }

  say(voice: Voice, text: string): void {
    const at = `${secondsOf(this.elapsedMs).toFixed(1)} s`.padStart(7);
    const line = `${MARKS[voice]} ${text}`;
    this.plain(`${at} ${this.#isColoured ? `\u001b[${COLOURS[voice]}m${line}\u001b[0m` : line}`);
  }

  plain(text: string): void {
    writeLine(this.#out, text);
  }
}

/** The connector's fixed lines with the fields that matter to a reader; null for lines that are not part of the story. */
export function readableLog(line: string): string | null {
  const { msg, outage_s, attempts, failure, detail, session_s } = JSON.parse(line) as Record<string, unknown>;
  if (typeof msg !== 'string' || !/^\[feishu\] (connected|disconnected|reconnected)$/.test(msg)) return null;
  const fields = { outage_s, attempts, failure, session_s, detail };
  const told = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  return [msg, ...told].join(' ');
}
