import { expect, test } from 'vitest';
import { nearMiss } from '../../src/ports/near-miss.js';

const KEYS = ['appId', 'appSecret', 'appSecretFile', 'domain', 'listen', 'logLevel', 'handler'];

test.each([
  ['app_secret', 'appSecret'],
  ['APPID', 'appId'],
  ['apSecret', 'appSecret'],
  ['lisetn', 'listen'],
  ['handlers', 'handler'],
  ['app-secret-file', 'appSecretFile'],
])('%s was meant to be %s', (word, meant) => {
  expect(nearMiss(word, KEYS)).toBe(meant);
});

test.each(['colour', 'xyz', '', 'a'.repeat(10_000)])('nothing is near to %.20s', (word) => {
  expect(nearMiss(word, KEYS)).toBeNull();
});
