import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Client } from '@larksuiteoapi/node-sdk';
import { systemClock } from '../adapters/index.js';
import type { Handlers } from '../connector-parts.js';
import { type Backoff, backoffMs, type Clock, nearMiss, redact } from '../ports/index.js';

/** A handler module cannot be used; the message names the file, the cause and what to write. */
export class HandlerModuleError extends Error {
  override readonly name = 'HandlerModuleError';
}

/** The handlers of one app, and what tells a changed module from the same one. */
export interface LoadedHandlers {
  readonly handlers: Handlers<Client>;
  /** Changes when the file does. */
  readonly version: string;
}

/** A module may open what it needs before it exports. One that waits for ever would keep reloads and the stop waiting too. */
export const LOAD_LIMIT_MS = 30_000;

/**
 * Who wants it loaded: an operator, by a start or a reload, or nobody but the daemon, which tries again until it can.
 */
export type LoadedFor = 'operator' | 'itself';

/**
 * How long one that failed is not evaluated anew by itself, in milliseconds. Node keeps each evaluation for the life of the
 * process, some four times what the file has: a megabyte tried once a minute would take all memory within a day.
 */
const EVALUATIONS: Backoff = Object.freeze({ initialMs: 1_000, maxMs: 3_600_000, factor: 1.25, jitter: 'none' });

interface Failed {
  /** Node remembers a failure as it does a success, and would only repeat it under the same URL. */
  readonly count: number;
  readonly version: string;
  /** How often this version did. */
  readonly versionCount: number;
  readonly retryAt: number;
  readonly error: HandlerModuleError;
}

/** What became of each module that failed to load, by its path. */
const failures = new Map<string, Failed>();

const EXAMPLE = "Write: export default { 'im.message.receive_v1': async (event, context) => {} };";

/**
 * Imports an ES module with `export default` or `export const handlers`: a record of functions by event type.
 * A file that changed since is loaded anew, alone: what it imports itself stays as it was until the process restarts.
 * One that failed is evaluated anew by the next call, as what it needs may be there by then; by `itself` not before a wait
 * that grows is over, unless the file has changed: until then its failure is repeated.
 * @param path Absolute.
 * @throws HandlerModuleError
 */
export async function loadHandlerModule(
  path: string,
  clock: Pick<Clock, 'now' | 'timer'> = systemClock,
  loadedFor: LoadedFor = 'operator',
): Promise<LoadedHandlers> {
  const version = await versionOf(path);
  const failed = failures.get(path);
  const isWaiting = failed?.version === version && clock.now() < failed.retryAt;
  if (isWaiting && loadedFor === 'itself') throw failed.error;
  const url = pathToFileURL(path);
  // Node never imports the same URL twice; the query makes the changed file another one.
  url.searchParams.set('changed', version);
  if (failed !== undefined) url.searchParams.set('attempt', String(failed.count + 1));
  let module: Record<string, unknown>;
  try {
    module = await inTime(import(url.href), clock);
  } catch (cause) {
    const error = unloadable(path, cause);
    const count = (failures.get(path)?.count ?? 0) + 1;
    const versionCount = (failed?.version === version ? failed.versionCount : 0) + 1;
    const retryAt = clock.now() + backoffMs(EVALUATIONS, versionCount, 0);
    failures.set(path, { count, version, versionCount, retryAt, error });
    throw error;
  }
  return { handlers: handlersIn(module, path), version };
}

async function versionOf(path: string): Promise<string> {
  try {
    return String((await stat(path)).mtimeMs);
  } catch (cause) {
    throw unloadable(path, cause);
  }
}

function unloadable(path: string, cause: unknown): HandlerModuleError {
  return new HandlerModuleError(`the handler module ${path} cannot be loaded: ${redact(causeOf(cause))}`, { cause });
}

function inTime<Module>(loading: Promise<Module>, clock: Pick<Clock, 'timer'>): Promise<Module> {
  return new Promise((resolve, reject) => {
    const late = clock.timer(LOAD_LIMIT_MS, () => {
      reject(new Error(`it is not done after ${LOAD_LIMIT_MS / 1_000} s; what it awaits at its top level never came`));
    });
    loading.then(resolve, reject).finally(() => late.cancel());
  });
}

function handlersIn(module: Readonly<Record<string, unknown>>, path: string): Handlers<Client> {
  const handlers = module.default ?? module.handlers;
  if (handlers === undefined) {
    const names = Object.keys(module);
    const meant = names.find((name) => nearMiss(name, ['default', 'handlers']) !== null);
    const exported = names.length === 0 ? 'exports nothing' : `exports ${names.slice(0, 10).join(', ')}`;
    throw new HandlerModuleError(
      `the handler module ${path} has neither a default export nor one named handlers; it ${exported}. ${
        meant === undefined ? EXAMPLE : `Did you mean handlers by ${meant}?`
      }`,
    );
  }
  if (typeof handlers !== 'object' || handlers === null || Array.isArray(handlers)) {
    throw new HandlerModuleError(
      `the handler module ${path} exports ${typeof handlers === 'function' ? 'a function' : 'something'} instead of a record of handlers by event type. ${EXAMPLE} The key '*' takes every type.`,
    );
  }
  const entries = Object.entries(handlers);
  if (entries.length === 0) throw new HandlerModuleError(`the handler module ${path} exports no handlers. ${EXAMPLE}`);
  for (const [eventType, handler] of entries) {
    if (typeof handler !== 'function') {
      throw new HandlerModuleError(
        `the handler module ${path}: the handler of ${eventType} must be a function, got ${handler === null ? 'null' : typeof handler}`,
      );
    }
  }
  return handlers as Handlers<Client>;
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A syntax error's stack begins with file and line, which the message alone lacks.
  const where = error instanceof SyntaxError ? ` (${error.stack?.split('\n', 1)[0] ?? ''})` : '';
  return `${error.name}: ${error.message}${where}`;
}
