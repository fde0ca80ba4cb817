import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KnownSecrets } from '../../src/ports/known-secrets.js';

const SEED = 43;

/** Long enough to be taken, and no number. */
const secrets = fc.string({ minLength: 9, maxLength: 40 }).filter((text) => !/^\d+$/.test(text));

/** What somebody makes of a secret before he says it. */
const NOTATIONS: readonly ((secret: string, before: string) => string)[] = [
  (secret) => secret,
  (secret) => JSON.stringify(secret),
  (secret) => JSON.stringify(JSON.stringify({ secret })),
  (secret) => encodeURIComponent(secret),
  (secret) => new URLSearchParams({ secret }).toString(),
  (secret) => encodeURIComponent(secret).replace(/%../g, (triplet) => triplet.toLowerCase()),
  (secret) => secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  (secret) => secret.replace(/[&<>"']/g, (character) => `&${ENTITIES[character]};`),
  (secret, before) => Buffer.from(before + secret).toString('base64'),
  (secret, before) => Buffer.from(before + secret).toString('base64url'),
];

const ENTITIES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' };

function spelled(text: string): string[] {
  return [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)].filter(({ length }) => length >= 8);
}

test(`no notation brings a secret past it (seed ${SEED})`, () => {
  fc.assert(
    fc.property(secrets, fc.nat(NOTATIONS.length - 1), fc.string({ maxLength: 5 }), (secret, nth, before) => {
      const known = new KnownSecrets();
      known.learn(secret);
      const said = NOTATIONS[nth]?.(secret, before) ?? '';
      const clean = known.strikeOut(`before ${said} after`, '#');
      expect(clean).toContain('#');
      for (const form of spelled(secret)) expect(clean).not.toContain(form);
    }),
    { seed: SEED },
  );
});

test('a text without any of them is the same text, and what is struck out once stays so', () => {
  const known = new KnownSecrets();
  known.learn('one-secret');
  const text = 'nothing of one secret here';
  expect(known.strikeOut(text, '#')).toBe(text);
  const clean = known.strikeOut('one-secret and one-secret', '#');
  expect([clean, known.strikeOut(clean, '#')]).toEqual(['# and #', '# and #']);
});

test('neither a short text nor a number is taken: either would break what has nothing to do with it', () => {
  const known = new KnownSecrets();
  for (const secret of ['', 'feishu', '12345678', '2026112304']) known.learn(secret);
  const line = '{"app":"feishu","at":2026112304,"id":12345678}';
  expect(known.strikeOut(line, '#')).toBe(line);
});

test('a secret within another one does not leave the rest of it behind', () => {
  const known = new KnownSecrets();
  known.learn('password');
  known.learn('password-of-ours');
  expect(known.strikeOut('password-of-ours, password', '#')).toBe('#, #');
});

test('what the platform hands out pushes no secret out that lasts, however many apps there are', () => {
  const known = new KnownSecrets();
  const secrets = Array.from({ length: 1_000 }, (_, app) => `secret of app ${app}.`);
  for (const secret of secrets) known.learn(secret);
  for (const [app] of secrets.entries()) {
    for (const kind of ['ticket', 'access key', 'token']) known.learn(`${kind} of app ${app}.`, 'passing');
  }
  expect(secrets.filter((secret) => known.strikeOut(secret, '#') !== '#')).toEqual([]);
});

test('it keeps so many: the one that is used stays, the one that was not used for the longest time goes', () => {
  const known = new KnownSecrets();
  known.learn('a ticket in use', 'passing');
  known.learn('an old ticket', 'passing');
  for (let n = 0; n < 2_000; n += 1) {
    known.learn(`ticket number ${n}`, 'passing');
    known.learn('a ticket in use', 'passing');
  }
  expect(known.strikeOut('a ticket in use, an old ticket, ticket number 1999', '#')).toBe('#, an old ticket, #');
});
