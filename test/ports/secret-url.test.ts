import { expect, test } from 'vitest';
import { learnUrlSecrets, redact } from '../../src/ports/index.js';

test.each([
  ['a password, as it is and decoded', 'http://somebody:p%40ss-word@proxy.example:3128', ['p%40ss-word', 'p@ss-word']],
  ['a user that stands alone', 'nats://onlyatoken@broker.example', ['onlyatoken']],
  ['a token in the place of the user', 'https://ghx1234567890abcdefgh:oauthbasic@a.example', ['ghx1234567890abcdefgh']],
  ['a long part of the path', 'https://a.example/hooks/9f8e7d6c5b4a39281706', ['9f8e7d6c5b4a39281706']],
  ['what is named like a secret', 'https://a.example/in?apikey=shortone', ['shortone']],
  ['a long parameter', 'https://a.example/in?x=T0pS3cr3tT0pS3cr3t', ['T0pS3cr3tT0pS3cr3t']],
])('of a URL it learns %s', (_what, url, secrets) => {
  learnUrlSecrets(new URL(url));
  for (const secret of secrets) expect(redact(`it is ${secret}.`)).toBe('it is [redacted].');
});

test('words of a URL stay in what is said: names of hosts, services, environments and versions', () => {
  const url =
    'http://feishu-connector:p4ssw0rd-of-the-test@gateway.example/feishu-connector/customer-support-events?env=production&api-version=2016-10-01';
  learnUrlSecrets(new URL(url));
  const said =
    '{"app":"production","msg":"see github.com/x/feishu-connector","at":"2016-10-01","to":"gateway.example/customer-support-events"}';
  expect(redact(said)).toBe(said);
  expect(redact('p4ssw0rd-of-the-test')).toBe('[redacted]');
});
