import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HandlerModuleError, LOAD_LIMIT_MS, loadHandlerModule } from '../../src/daemon/handler-module.js';
import { HandClock } from '../support/hand-clock.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'feishu-handler-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function moduleWith(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

test('a default export and an export named handlers do the same', async () => {
  const record = "{ 'im.message.receive_v1': async () => 'handled' }";
  for (const [name, text] of [
    ['default.mjs', `export default ${record};`],
    ['named.mjs', `export const handlers = ${record};`],
  ] as const) {
    const { handlers } = await loadHandlerModule(await moduleWith(name, text));
    expect(Object.keys(handlers)).toEqual(['im.message.receive_v1']);
  }
});

test('a changed file is loaded anew, an unchanged one is the same', async () => {
  const path = await moduleWith('changing.mjs', 'export default { first: () => {} };');
  const first = await loadHandlerModule(path);
  expect(await loadHandlerModule(path)).toEqual(first);
  await writeFile(path, 'export default { second: () => {} };');
  await utimes(path, new Date(), new Date(Date.UTC(2001, 1, 1)));
  const second = await loadHandlerModule(path);
  expect(Object.keys(second.handlers)).toEqual(['second']);
  expect(second.version).not.toBe(first.version);
});

test.each<[string, string, RegExp]>([
  [
    'throws',
    "throw new Error('no database, app_secret=hunter22');",
    /cannot be loaded: Error: no database, app_secret=\[redacted\]/,
  ],
  ['does not parse', 'export default {', /cannot be loaded: \w*Error: ./],
  ['imports what is not there', "import 'no-such-package';", /cannot be loaded: .*no-such-package/],
  [
    'exports nothing',
    'const x = 1;',
    /neither a default export nor one named handlers; it exports nothing\. Write: export default/,
  ],
  ['exports another name', 'export const handler = {};', /it exports handler\. Did you mean handlers by handler\?/],
  [
    'exports a function',
    'export default () => {};',
    /exports a function instead of a record of handlers by event type/,
  ],
  ['exports an empty record', 'export default {};', /exports no handlers\. Write/],
  [
    'exports a handler that is none',
    "export default { 'im.chat.updated_v1': 'later' };",
    /the handler of im\.chat\.updated_v1 must be a function, got string/,
  ],
])('a module that %s is an error that says so', async (what, text, message) => {
  const path = await moduleWith(`${what.replaceAll(' ', '-')}.mjs`, text);
  const loading = loadHandlerModule(path);
  await expect(loading).rejects.toThrow(HandlerModuleError);
  await expect(loading).rejects.toThrow(message);
  await expect(loading).rejects.toThrow(path);
});

test('a module that does not exist is an error that names its path', async () => {
  await expect(loadHandlerModule(join(directory, 'none.mjs'))).rejects.toThrow(/none\.mjs cannot be loaded: .*ENOENT/);
});

test('a module that waits for ever for something is given up, and says so', async () => {
  const path = await moduleWith('waiting.mjs', 'await new Promise(() => {});');
  const waits: number[] = [];
  const timer = (delayMs: number, fire: () => void) => {
    waits.push(delayMs);
    setImmediate(fire);
    return { cancel: () => {} };
  };
  const loading = loadHandlerModule(path, { now: () => 0, timer });
  await expect(loading).rejects.toThrow(/cannot be loaded: Error: it is not done after 30 s; what it awaits/);
  expect(waits).toEqual([LOAD_LIMIT_MS]);
});

test('a module that failed is evaluated anew, and one that loads then is the same from there on', async () => {
  const path = await moduleWith(
    'moody.mjs',
    "globalThis.tries = (globalThis.tries ?? 0) + 1;\nif (globalThis.tries < 3) throw new Error('try ' + globalThis.tries);\nexport default { a: () => {} };",
  );
  await expect(loadHandlerModule(path)).rejects.toThrow('try 1');
  await expect(loadHandlerModule(path)).rejects.toThrow('try 2');
  const first = await loadHandlerModule(path);
  expect(await loadHandlerModule(path)).toEqual(first);
  expect((globalThis as { tries?: number }).tries).toBe(3);
  Reflect.deleteProperty(globalThis, 'tries');
});

test('one that goes on failing is evaluated ever more rarely by itself, at once by an operator or when its file changes', async () => {
  const counted = 'globalThis.evaluations = (globalThis.evaluations ?? 0) + 1;';
  const path = await moduleWith('failing.mjs', `${counted}\nthrow new Error('no database');`);
  const count = () => (globalThis as { evaluations?: number }).evaluations;
  const clock = new HandClock();
  const byItself = () => loadHandlerModule(path, clock, 'itself');
  await expect(loadHandlerModule(path, clock)).rejects.toThrow('no database');
  await expect(byItself()).rejects.toThrow('no database');
  expect(count()).toBe(1);
  await clock.advanceBy(1_000);
  await expect(byItself()).rejects.toThrow('no database');
  expect(count()).toBe(2);
  // Node keeps what it evaluated: a day of failing takes a few dozen of them, and not one for each minute.
  for (let minute = 0; minute < 1_440; minute++) {
    await clock.advanceBy(60_000);
    await expect(byItself()).rejects.toThrow('no database');
  }
  expect(count()).toBeLessThan(80);
  const before = count() ?? 0;
  await expect(byItself()).rejects.toThrow('no database');
  await expect(loadHandlerModule(path, clock)).rejects.toThrow('no database');
  expect(count()).toBe(before + 1);
  await writeFile(path, `${counted}\nthrow new Error('no table');`);
  await utimes(path, new Date(), new Date(Date.UTC(2001, 1, 1)));
  for (let again = 0; again < 3; again++) {
    await expect(byItself()).rejects.toThrow('no table');
    await clock.advanceBy(2_000);
  }
  expect(count()).toBe(before + 4);
  await writeFile(path, `${counted}\nexport default { a: () => {} };`);
  await utimes(path, new Date(), new Date(Date.UTC(2001, 1, 2)));
  expect(Object.keys((await byItself()).handlers)).toEqual(['a']);
  Reflect.deleteProperty(globalThis, 'evaluations');
});
