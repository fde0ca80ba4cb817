import type { ConnectorStatus } from '../../connector-status.js';
import { STALLED_AFTER_MS } from '../readiness.js';

/** What a colour says; beside each stands a word. */
export type Tone = 'good' | 'warn' | 'bad' | 'off';

/** One of the three facts, judged by the age of its evidence: no claim is shown for its own sake. */
export interface ShownFact {
  readonly name: 'alive' | 'connected' | 'receiving';
  readonly is: boolean;
  readonly tone: Tone;
  /** One or two words for `is`. */
  readonly word: string;
  readonly evidence: string;
  /** In milliseconds; null if there never was any. */
  readonly ageMs: number | null;
}

/** The three facts of an app, in the order in which each needs the one before. */
export function factsOf(status: ConnectorStatus): readonly [ShownFact, ShownFact, ShownFact] {
  const { alive, connected, receiving } = status;
  const isAlive = isFresh(alive, STALLED_AFTER_MS);
  const isConnected = isFresh(connected, connected.silenceLimitMs);
  const hasSocket = connected.state === 'connected' || connected.state === 'suspect';
  const isReceiving = isConnected && receiving.is;
  return [
    {
      name: 'alive',
      is: isAlive,
      tone: isAlive ? 'good' : 'bad',
      word: isAlive ? 'yes' : alive.is ? 'stalled' : 'no',
      evidence: alive.evidence,
      ageMs: alive.ageMs,
    },
    {
      name: 'connected',
      is: isConnected,
      tone: isConnected ? (connected.state === 'suspect' ? 'warn' : 'good') : 'bad',
      word: isConnected
        ? connected.state === 'suspect'
          ? 'yes, suspect'
          : 'yes'
        : hasSocket
          ? 'deaf'
          : connected.state,
      evidence:
        connected.is && !isConnected
          ? 'it claims to be connected, and what that rests on is too old'
          : connected.evidence,
      ageMs: connected.ageMs,
    },
    {
      name: 'receiving',
      is: isReceiving,
      tone: isReceiving ? 'good' : isConnected ? 'bad' : 'off',
      word: isReceiving ? 'yes' : 'no',
      evidence: isConnected ? receiving.evidence : 'not connected',
      ageMs: receiving.ageMs,
    },
  ];
}

function isFresh({ is, ageMs }: { readonly is: boolean; readonly ageMs: number | null }, limitMs: number): boolean {
  return is && ageMs !== null && ageMs <= limitMs;
}
