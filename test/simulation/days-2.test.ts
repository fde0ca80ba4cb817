import { seedOfCommit, testStretches } from '../support/simulated-days.js';

// Another seed of this commit than that of days-1.test.ts.
const seed = seedOfCommit() ^ 0xffff_ffff;

testStretches([
  ['mixed', 11, 35],
  ['mixed', 12, 35],
  ['mixed', 13, 35],
  ['stormy', 31, 8],
  ['healthy', 14, 100],
  ['healthy', 15, 100],
  ['healthy', 16, 100],
  ['mixed', seed >>> 0, 40],
  ['stormy', seed >>> 0, 6],
  ['healthy', seed >>> 0, 41],
]);
