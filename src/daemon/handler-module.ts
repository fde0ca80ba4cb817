import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Client } from '@larksuiteoapi/node-sdk';
import type { Handlers } from '../connector-parts.js';
import { nearMiss, redact } from '../ports/index.js';

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

const EXAMPLE = "Write: export default { 'im.message.receive_v1': async (event, context) => {} };";

/**
 * Imports an ES module with `export default` or `export const handlers`: a record of functions by event type.
 * A file that changed since is loaded anew, alone: what it imports itself stays as it was until the process restarts.
 * @param path Absolute.
 * @throws HandlerModuleError
 */
export async function loadHandlerModule(path: string): Promise<LoadedHandlers> {
  let version: string;
  let module: Record<string, unknown>;
  try {
    version = String((await stat(path)).mtimeMs);
    const url = pathToFileURL(path);
    // Node never imports the same URL twice; the query makes the changed file another one.
    url.searchParams.set('changed', version);
    module = (await import(url.href)) as Record<string, unknown>;
  } catch (error) {
    throw new HandlerModuleError(`the handler module ${path} cannot be loaded: ${redact(causeOf(error))}`, {
      cause: error,
    });
  }
  return { handlers: handlersIn(module, path), version };
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
