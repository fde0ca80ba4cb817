import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { secretBytesOf, secretFileOf, secretOf } from '../../src/adapters/secret.js';
import { SecretError } from '../../src/ports/index.js';
import { HandClock } from '../support/hand-clock.js';

const SECRET = 's3cr3t-of-the-app';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'secret-'));
  file = join(directory, 'app-secret');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** The message of the SecretError that a source rejects with. */
async function messageOf(read: Promise<string>): Promise<string> {
  const error = await read.then(
    () => new Error('resolved'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof SecretError)) throw error;
  expect(error.message).not.toContain(SECRET);
  expect(error.cause).toBeUndefined();
  return error.message.replace(directory, 'DIR');
}

test('a plain secret is given as it is', async () => {
  expect(await secretOf({ appSecret: SECRET })()).toBe(SECRET);
});

test.each<[string, Parameters<typeof secretOf>[0], string]>([
  ['none', {}, 'neither appSecret nor appSecretFile is set; set one of them'],
  ['both', { appSecret: SECRET, appSecretFile: 'x' }, 'both appSecret and appSecretFile are set; set one of them'],
  ['an empty one', { appSecret: ' ' }, 'appSecret is empty; put the app secret there'],
  ['two lines', { appSecret: `${SECRET}\n${SECRET}` }, 'appSecret holds several lines; put the app secret alone there'],
])('options with %s are refused at once', (_name, options, message) => {
  expect(() => secretOf(options)).toThrow(new SecretError(message));
});

test('a function is asked at each use', async () => {
  let version = 0;
  const source = secretOf({
    appSecret: async () => {
      version += 1;
      return `${SECRET}-${version}\n`;
    },
  });
  expect(await source()).toBe(`${SECRET}-1`);
  expect(await source()).toBe(`${SECRET}-2`);
});

test('a function that throws is named, not quoted', async () => {
  const source = secretOf({
    appSecret: () => {
      throw new SyntaxError(`unexpected token in ${SECRET}`);
    },
  });
  expect(await messageOf(source())).toBe('the appSecret function threw SyntaxError; call it by itself to see why');
});

test('a function that gives no string is an error', async () => {
  const source = secretOf({ appSecret: async () => undefined as unknown as string });
  expect(await messageOf(source())).toBe('the appSecret function gave undefined instead of a string');
});

test('a function that hangs is given up after five seconds, and its timer is gone once it answered', async () => {
  const clock = new HandClock();
  const timer: HandClock['timer'] = (delayMs, fire) => clock.timer(delayMs, fire);
  const outcome = messageOf(secretOf({ appSecret: () => new Promise(() => {}) }, timer)());
  await clock.advanceBy(5_000);
  expect(await outcome).toBe('the appSecret function did not answer within 5 s; it is asked again');
  expect(await secretOf({ appSecret: async () => SECRET }, timer)()).toBe(SECRET);
  await clock.advanceBy(0);
  expect(clock.pending).toBe(0);
});

test('a file is given without the newline at its end or the mark at its beginning', async () => {
  writeFileSync(file, `\uFEFF${SECRET}\r\n`);
  expect(await secretOf({ appSecretFile: file })()).toBe(SECRET);
});

test('a rotated file is read again, whether written in place or replaced', async () => {
  writeFileSync(file, 'first');
  const source = secretOf({ appSecretFile: file });
  expect(await source()).toBe('first');
  writeFileSync(file, 'second-one');
  expect(await source()).toBe('second-one');
  // The same length and the same time of change, as an atomic replacement within one tick of the clock has.
  const moment = new Date(1_767_225_600_000);
  utimesSync(file, moment, moment);
  expect(await source()).toBe('second-one');
  const next = join(directory, 'next');
  writeFileSync(next, 'third--one');
  utimesSync(next, moment, moment);
  renameSync(next, file);
  expect(await source()).toBe('third--one');
});

test('a file that vanished is an error, and is found again when it is back', async () => {
  const source = secretOf({ appSecretFile: file });
  expect(await messageOf(source())).toBe(
    "the secret file DIR/app-secret can't be read: Error ENOENT; check that it exists and that we may read it",
  );
  writeFileSync(file, SECRET);
  expect(await source()).toBe(SECRET);
});

test.each<[string, string, string]>([
  ['empty', '\n', 'the secret file DIR/app-secret is empty; put the app secret there'],
  ['of several lines', 'a\nb\n', 'the secret file DIR/app-secret holds several lines; put the app secret alone there'],
  [
    'too large',
    'a'.repeat(100_000),
    'the secret file DIR/app-secret holds more than 65536 bytes; an app secret has 32 characters',
  ],
])('a file that is %s is an error that says so', async (_name, content, message) => {
  writeFileSync(file, content);
  expect(await messageOf(secretOf({ appSecretFile: file })())).toBe(message);
});

test('a directory or a pipe in its place is an error, and does not hang', async () => {
  const message = (path: string): string =>
    `the secret file ${path} is no regular file; name the file that holds the secret`;
  expect(await messageOf(secretOf({ appSecretFile: directory })())).toBe(message('DIR'));
  execFileSync('mkfifo', [file]);
  expect(await messageOf(secretOf({ appSecretFile: file })())).toBe(message('DIR/app-secret'));
});

test('another secret in a file is called by its own name', async () => {
  const empty = join(directory, 'other-secret');
  writeFileSync(empty, '\n');
  await expect(secretFileOf(empty, 'signing secret')()).rejects.toThrow(
    new SecretError(`the file ${empty} is empty; put the signing secret there`),
  );
  writeFileSync(empty, 'whsec_abc\n');
  expect(await secretFileOf(empty, 'signing secret')()).toBe('whsec_abc');
});

test('a file of several lines is read as it is, afresh each time', async () => {
  const file = join(directory, 'creds');
  const read = secretBytesOf(file, 'credentials');
  await expect(read()).rejects.toThrow(`the file ${file} can't be read: Error ENOENT`);
  writeFileSync(file, '');
  await expect(read()).rejects.toThrow(`the file ${file} is empty or far too long; put the credentials there`);
  writeFileSync(file, 'one\ntwo\n');
  expect(new TextDecoder().decode(await read())).toBe('one\ntwo\n');
  await expect(secretBytesOf(directory, 'credentials')()).rejects.toThrow('is no regular file');
});
