import { open, stat } from 'node:fs/promises';
import { type Clock, learnSecret, SecretError, type SecretSource } from '../ports/index.js';
import { systemClock } from './system-clock.js';

/** Where the app secret comes from: exactly one of the two. */
export interface SecretOptions {
  /** The secret itself, or a function that is asked for it at each use. */
  readonly appSecret?: string | (() => string | Promise<string>);
  /** A file that holds nothing but the secret. It is read again whenever it changes, so that rotation just works. */
  readonly appSecretFile?: string;
}

const APP_SECRET = 'app secret';
// Secrets have 32 characters. A file of more than this is not one, but a mistake that should not fill our memory.
const SIZE_LIMIT_BYTES = 65_536;
// A vault that hangs, or a file on a dead network mount, must not hold an attempt for ever.
const TIMEOUT_MS = 5_000;

/**
 * The {@link SecretSource} that the options name.
 * @throws SecretError if they name none, both, or an empty secret: nothing would ever mend that.
 */
export function secretOf(options: SecretOptions, timer: Clock['timer'] = systemClock.timer): SecretSource {
  const { appSecret, appSecretFile } = options;
  if (appSecret !== undefined && appSecretFile !== undefined) {
    throw new SecretError('both appSecret and appSecretFile are set; set one of them');
  }
  if (appSecret === undefined && appSecretFile === undefined) {
    throw new SecretError('neither appSecret nor appSecretFile is set; set one of them');
  }
  if (appSecretFile !== undefined) {
    const where = `the secret file ${appSecretFile}`;
    const read = fileReader(appSecretFile, where);
    return learning(() => inTime(read(), where, timer));
  }
  if (typeof appSecret === 'function') {
    const where = 'the appSecret function';
    return learning(() => inTime(ask(appSecret, where), where, timer));
  }
  const secret = checked(appSecret, 'appSecret');
  learnSecret(secret);
  return learning(async () => secret);
}

/** The {@link SecretSource} of another secret in a file of its own; `what` is how messages call it. */
export function secretFileOf(path: string, what: string, timer: Clock['timer'] = systemClock.timer): SecretSource {
  const where = `the file ${path}`;
  const read = fileReader(path, where, what);
  return learning(() => inTime(read(), where, timer));
}

/** The same source; what it gives is in nothing that this process says. */
function learning(source: SecretSource): SecretSource {
  return async () => {
    const secret = await source();
    learnSecret(secret);
    return secret;
  };
}

/**
 * Reads a file of secrets that has a form of its own, several lines say, afresh at every call and as it is. Rejects with
 * a {@link SecretError}; `what` is how its message calls the content.
 */
export function secretBytesOf(path: string, what: string, timer: Clock['timer'] = systemClock.timer) {
  const where = `the file ${path}`;
  const read = async (): Promise<Uint8Array> => {
    try {
      if (!(await stat(path)).isFile())
        throw new SecretError(`${where} is no regular file; name the one with the ${what}`);
      const text = await readStart(path);
      if (text.trim() === '' || Buffer.byteLength(text) > SIZE_LIMIT_BYTES) {
        throw new SecretError(`${where} is empty or far too long; put the ${what} there`);
      }
      return new TextEncoder().encode(text);
    } catch (error) {
      throw error instanceof SecretError ? error : unreadable(where, error);
    }
  };
  return (): Promise<Uint8Array> => inTime(read(), where, timer);
}

async function ask(appSecret: () => string | Promise<string>, where: string): Promise<string> {
  let answer: unknown;
  try {
    answer = await appSecret();
  } catch (error) {
    // Neither the message nor the error as a cause: what fails to parse a secret likes to quote it.
    throw new SecretError(`${where} threw ${nameOf(error)}; call it by itself to see why`);
  }
  return checked(answer, where);
}

/** Reads a file's secret, and keeps it until the file changes: a replaced file has another inode or change time. */
function fileReader(path: string, where: string, what = APP_SECRET): () => Promise<string> {
  let known: { readonly version: string; readonly secret: string } | null = null;
  return async () => {
    try {
      const entry = await stat(path);
      // Opening a pipe would wait for its writer, in a thread that can't be interrupted.
      if (!entry.isFile()) throw new SecretError(`${where} is no regular file; name the file that holds the secret`);
      const version = [entry.mtimeMs, entry.ctimeMs, entry.size, entry.ino].join(' ');
      if (known?.version === version) return known.secret;
      const secret = checked(await readStart(path), where, what);
      known = { version, secret };
      return secret;
    } catch (error) {
      throw error instanceof SecretError ? error : unreadable(where, error);
    }
  };
}

/** The file's text, one byte over the limit at most: enough to tell that it is too long. */
async function readStart(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(SIZE_LIMIT_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = (await file.read(buffer, length, buffer.length - length)).bytesRead;
    }
    return buffer.toString('utf8', 0, length);
  } finally {
    await file.close();
  }
}

/** The secret without the newline that editors and `echo` leave behind it. */
function checked(value: unknown, where: string, what = APP_SECRET): string {
  if (typeof value !== 'string') throw new SecretError(`${where} gave ${typeof value} instead of a string`);
  if (Buffer.byteLength(value) > SIZE_LIMIT_BYTES) {
    throw new SecretError(
      `${where} holds more than ${SIZE_LIMIT_BYTES} bytes${what === APP_SECRET ? '; an app secret has 32 characters' : ''}`,
    );
  }
  const secret = value.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
  if (secret.trim() === '') throw new SecretError(`${where} is empty; put the ${what} there`);
  if (/[\r\n]/.test(secret)) throw new SecretError(`${where} holds several lines; put the ${what} alone there`);
  return secret;
}

function unreadable(where: string, error: unknown): SecretError {
  return new SecretError(`${where} can't be read: ${nameOf(error)}; check that it exists and that we may read it`);
}

function inTime<Read>(reading: Promise<Read>, where: string, timer: Clock['timer']): Promise<Read> {
  return new Promise((resolve, reject) => {
    const late = timer(TIMEOUT_MS, () => {
      reject(new SecretError(`${where} did not answer within ${TIMEOUT_MS / 1_000} s; it is asked again`));
    });
    reading.then(resolve, reject).finally(() => late.cancel());
  });
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return `a ${typeof error}`;
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  return `${error.name}${code}`;
}
