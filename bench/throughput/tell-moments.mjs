// Preloaded into the daemon: tells the bench what starting took until it said that it connects, and that it is connected.

import { lookNow } from './look.mjs';

const awaited = new Map([
  ['"event":"connecting"', 'attempt'],
  ['"event":"connected"', 'connected'],
]);
const { stderr } = process;
const write = stderr.write.bind(stderr);

stderr.write = (line, ...rest) => {
  for (const [words, moment] of awaited) {
    if (!line.includes(words)) continue;
    awaited.delete(words);
    process.send({ moment, ...lookNow() });
  }
  return write(line, ...rest);
};
