import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Client } from '@larksuiteoapi/node-sdk';
import { systemClock } from '../adapters/index.js';
import type { Handlers } from '../connector-parts.js';
import { type Clock, nearMiss, redact } from '../ports/index.js';

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

/** How often each module failed to load. Node remembers a failure as it does a success, and would only repeat it. */
const failuresOf = new Map<string, number>();

const EXAMPLE = "Write: export default { 'im.message.receive_v1': async (event, context) => {} };";

/**
 * Imports an ES module with `export default` or `export const handlers`: a record of functions by event type.
 * A file that changed since is loaded anew, alone: what it imports itself stays as it was until the process restarts.
 * One that failed is evaluated anew by the next call, as what it needs may be there by then.
 * @param path Absolute.
 * @throws HandlerModuleError
 */
export async function loadHandlerModule(
  path: string,
  timer: Clock['timer'] = systemClock.timer,
): Promise<LoadedHandlers> {
  let version: string;
  let module: Record<string, unknown>;
  try {
    version = String((await stat(path)).mtimeMs);
    const url = pathToFileURL(path);
    // Node never imports the same URL twice; the query makes the changed file another one.
    url.searchParams.set('changed', version);
    const failures = failuresOf.get(path);
    if (failures !== undefined) url.searchParams.set('attempt', String(failures + 1));
    module = await inTime(import(url.href), timer);
  } catch (error) {
    failuresOf.set(path, (failuresOf.get(path) ?? 0) + 1);
    throw new HandlerModuleError(`the handler module ${path} cannot be loaded: ${redact(causeOf(error))}`, {
      cause: error,
    });
  }
  return { handlers: handlersIn(module, path), version };
}

function inTime<Module>(loading: Promise<Module>, timer: Clock['timer']): Promise<Module> {
  return new Promise((resolve, reject) => {
    const late = timer(LOAD_LIMIT_MS, () => {
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
