import { FAILURES } from '../../src/connection/index.js';
import type { Verdict } from '../../src/ports/index.js';
import { TOKEN_FAILURES } from '../../src/token/index.js';
import { table } from './support/root.js';

interface Failure {
  readonly verdict: Verdict;
  readonly help: string;
}

const OF_CONNECTION: Readonly<Record<string, Failure>> = FAILURES;
const OF_TOKEN: Readonly<Record<string, Failure>> = TOKEN_FAILURES;

/** The words that people get to see, in the order of the code. A stop of our own is told to nobody. */
const WORDS: readonly string[] = [
  ...new Set([...Object.keys(OF_CONNECTION).filter((word) => word !== 'local_stop'), ...Object.keys(OF_TOKEN)]),
];

/** What docs/failures.md is made of: all failures. */
export function failuresParts(): Readonly<Record<string, string>> {
  const rows = WORDS.map((word) => {
    const failure = failureOf(word);
    return [`<a id="${word}"></a>\`${word}\``, roomsOf(word).join(', '), failure.verdict, failure.help];
  });
  return { failures: table(['failure', 'of', 'verdict', 'what it means, and what to do'], rows) };
}

/** What the README has of them: those that need a human. */
export function operatorFailures(): string {
  const rows = WORDS.map((word) => ({ word, ...failureOf(word) })).filter(({ verdict }) => verdict === 'operator');
  return table(
    ['failure', 'what it means, and what to do'],
    rows.map(({ word, help }) => [`\`${word}\``, help]),
  );
}

function roomsOf(word: string): readonly string[] {
  return [...(word in OF_CONNECTION ? ['connection'] : []), ...(word in OF_TOKEN ? ['token'] : [])];
}

/** Where both rooms have the word, the connection's: it is the graver one. */
function failureOf(word: string): Failure {
  const failure = OF_CONNECTION[word] ?? OF_TOKEN[word];
  if (failure === undefined) throw new Error(`no room has the failure ${word}`);
  return failure;
}
