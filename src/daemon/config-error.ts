import { redact } from '../ports/index.js';

/** One thing that is wrong with the configuration, told so that it can be mended without a second look. */
export interface ConfigProblem {
  /** `config.yaml:7`, or the environment variable or option that the value came from. */
  readonly where: string;
  /** Key path such as `apps[0].appSecret`; empty for the whole. */
  readonly path: string;
  readonly expected: string;
  /** What stands there instead; never a secret's value. */
  readonly given: string;
  /** What to write, or do. */
  readonly advice: string;
  /** Nothing is given at all: whoever just looks around may want to be told of the simulator. */
  readonly isMissing?: true;
}

/** The configuration cannot be used. It names every problem that was found, not only the first. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(redact(problems.map(problemLine).join('\n')));
    this.problems = problems;
  }
}

export function problemLine({ where, path, expected, given, advice }: ConfigProblem): string {
  // No colon after the key: that is how a secret looks to whatever redacts logs, and it would eat the next word.
  const place = path === '' ? where : `${where} (${path})`;
  return onOneLine(`${place}: expected ${expected}, got ${given}. ${advice}`);
}

/** Names and paths may hold anything: a line stays a line, and a terminal gets no orders. */
function onOneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1).replace('\u007f', '\\u007f'));
}

/** A key path as problems show it: `apps[0].appSecret`. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}
