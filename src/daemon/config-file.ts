import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { ConfigDocument } from './config-document.js';
import { ConfigError } from './config-error.js';

// Far above any list of apps; it catches a log or an image given by mistake.
const LARGEST_FILE_BYTES = 1_048_576;

/** A configuration file, as somebody named it. */
export interface ConfigFile {
  readonly path: string;
  /** What a relative path starts from. */
  readonly cwd: string;
  /** The option or variable that names it. */
  readonly namedBy: string;
}

/** @throws ConfigError if it cannot be read, is no text, or no YAML. */
export async function readConfigFile(file: ConfigFile): Promise<ConfigDocument> {
  const name = basename(file.path);
  const text = textOf(await readBounded(file), name);
  // Loaded only here: where the environment says it all, no parser is needed.
  const { parseConfigDocument } = await import('./config-document.js');
  return parseConfigDocument(text, name);
}

/** Never more than the limit: what was named by mistake may have no end. */
async function readBounded({ path, cwd, namedBy }: ConfigFile): Promise<Uint8Array> {
  const absolute = resolve(cwd, path);
  try {
    const handle = await open(absolute, 'r');
    try {
      const buffer = Buffer.alloc(LARGEST_FILE_BYTES + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < buffer.length; length += read) {
        // Without a position, so that a pipe such as /dev/stdin can be read too.
        read = (await handle.read(buffer, length, buffer.length - length)).bytesRead;
      }
      if (length <= LARGEST_FILE_BYTES) return buffer.subarray(0, length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const given =
      { ENOENT: 'no such file', EACCES: 'a file that may not be read', EISDIR: 'a directory' }[code] ?? code;
    const advice =
      path === '-'
        ? 'Name /dev/stdin to read standard input; a reload has nothing to read there.'
        : `Looked for ${absolute}; mend the path or its permissions.`;
    throw new ConfigError([{ where: namedBy, path, expected: 'a readable file', given, advice }]);
  }
  throw new ConfigError([
    {
      where: namedBy,
      path,
      expected: 'at most 1 MiB of YAML',
      given: 'more',
      advice: `Looked at ${absolute}; is it the right file?`,
    },
  ]);
}

/** The text of a file, which is UTF-8 alone: whatever else there is would be read as something that nobody wrote. */
function textOf(bytes: Uint8Array, name: string): string {
  const lax = new TextDecoder('utf-8').decode(bytes);
  const at = (index: number) => `${name}:${lax.slice(0, index).split('\n').length}`;
  const refusal = (where: string, given: string) =>
    new ConfigError([{ where, path: '', expected: 'text in UTF-8', given, advice: 'Save the file as UTF-8.' }]);
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) throw refusal(name, 'UTF-16');
  const zero = lax.indexOf('\0');
  if (zero !== -1) throw refusal(at(zero), 'a zero byte, as in UTF-16 or in something that is no text');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refusal(at(lax.indexOf('\uFFFD')), 'bytes of another encoding');
  }
}
