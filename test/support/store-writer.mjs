// A process that owns a store and commits to it until it is killed: `node store-writer.mjs <directory> <durability>
// <commits asked for at once>`. Each commit n writes n to three tables and removes n - 50. It prints `open`, and n as soon
// as commit n has resolved; what could not be opened is printed as its failure.
import { writeSync } from 'node:fs';
import { openLmdbStore } from '../../build/adapters/index.js';

const [directory, durability, atOnce] = process.argv.slice(2);
const nameOf = (n) => String(n).padStart(8, '0');

try {
  const store = await openLmdbStore({ directory, durability, schema: { name: 'test', version: 1 } });
  const last = Buffer.from(store.get('last', 'n') ?? '0').toString();
  writeSync(1, 'open\n');
  let n = Number(last);
  if (atOnce === '0') setInterval(() => {}, 1000);
  while (atOnce !== '0') {
    const commits = Array.from({ length: Number(atOnce) }, () => {
      n += 1;
      const number = n;
      const key = nameOf(number);
      return store
        .commit([
          { table: 'last', key: 'n', value: Buffer.from(String(number)) },
          { table: 'log', key, value: Buffer.alloc(number % 9000, number % 256) },
          { table: 'mirror', key, value: Buffer.from(key) },
          { table: 'log', key: nameOf(number - 50), value: null },
          { table: 'mirror', key: nameOf(number - 50), value: null },
        ])
        .then(() => writeSync(1, `${number}\n`));
    });
    await Promise.all(commits);
  }
} catch (error) {
  writeSync(1, `${error.failure ?? 'unknown'} ${error.message}\n`);
}
