import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SECRET_KEYS, URL_KEYS } from './config-secrets.js';

/** Keys of a checked configuration whose value is the path of a file that holds a secret. */
const SECRET_FILE_KEYS: ReadonlySet<string> = new Set([
  'appSecretFile',
  'secretFile',
  'credsFile',
  'nkeyFile',
  'tokenFile',
  'passwordFile',
  'keyFile',
  'file', // of the surface's password and token
]);

const READ_BY_OTHERS = 0o004;
const ENTERED_BY_OTHERS = 0o001;
/** Named in a warning; one that is worth mending is seen among them. */
const LONGEST_LIST = 5;

/**
 * A warning about the files with secrets that every user of this machine can read: each that the configuration names, and
 * its own file where that holds secrets itself. Null where there are none, and on Windows, whose modes say nothing.
 * @param config As checked, its paths absolute.
 * @param file Its own file, with what stands there; null without one.
 */
export async function openSecretsWarning(
  config: object,
  file: { readonly path: string; readonly value: unknown } | null,
  platform = process.platform,
): Promise<string | null> {
  if (platform === 'win32') return null;
  const own = file !== null && holdsSecret(file.value) ? [resolve(file.path)] : [];
  const paths = [...new Set([...own, ...secretFilesIn(config)])];
  const open = (await Promise.all(paths.map(async (path) => ((await isOpenToAll(path)) ? [path] : [])))).flat();
  if (open.length === 0) return null;
  const names = open.slice(0, LONGEST_LIST).join(', ');
  const more = open.length > LONGEST_LIST ? ` and ${open.length - LONGEST_LIST} more` : '';
  return `every user of this machine can read ${names}${more}, with secrets in it: take that right away (chmod o-rwx)`;
}

function secretFilesIn(value: unknown, key = ''): readonly string[] {
  if (typeof value === 'string') return SECRET_FILE_KEYS.has(key) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => secretFilesIn(inner, name));
}

/** Whether a configuration file holds a secret itself; a URL does where it has a password. */
function holdsSecret(value: unknown, key = ''): boolean {
  if (typeof value === 'string') return SECRET_KEYS.has(key) && (!URL_KEYS.has(key) || /\/\/[^/]*@/.test(value));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => holdsSecret(inner, Array.isArray(value) ? key : name));
}

/** False for what cannot be looked at: whoever reads it says what is wrong with it. */
async function isOpenToAll(path: string): Promise<boolean> {
  try {
    const entry = await stat(path);
    if (!entry.isFile() || (entry.mode & READ_BY_OTHERS) === 0) return false;
    for (let directory = dirname(path); ; directory = dirname(directory)) {
      if (((await stat(directory)).mode & ENTERED_BY_OTHERS) === 0) return false;
      if (directory === dirname(directory)) return true;
    }
  } catch {
    return false;
  }
}
