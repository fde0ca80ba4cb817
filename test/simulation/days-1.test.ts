import { seedOfCommit, testStretches } from '../support/simulated-days.js';

// With days-2.test.ts these are a thousand days.
testStretches([
  ['mixed', 1, 35],
  ['mixed', 2, 35],
  ['mixed', 105, 35],
  ['stormy', 3, 6],
  ['stormy', 4007, 2], // a machine that sleeps over a half-open socket, and wakes to what was sent before
  ['healthy', 8, 100],
  ['healthy', 9, 100],
  ['healthy', 10, 100],
  ['mixed', seedOfCommit(), 40],
  ['stormy', seedOfCommit(), 6],
  ['healthy', seedOfCommit(), 41],
]);
