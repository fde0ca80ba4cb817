import { expect, test } from 'vitest';
import { learnSecretsIn } from '../../src/daemon/config-secrets.js';
import { redact } from '../../src/ports/index.js';

test.each([
  ['a password', { http: { password: 'pas:7731-abc-0042' } }, 'pas:7731-abc-0042'],
  ['a control token', { control: { token: 'tok:abc123def456' } }, 'tok:abc123def456'],
  ['an app secret', { apps: [{ appSecret: 'app:Qx81-zz02-mm93' }] }, 'app:Qx81-zz02-mm93'],
  ['a webhook secret', { apps: [{ sink: { webhook: { secret: 'hook://ab12cd34/ef56' } } }] }, 'hook://ab12cd34/ef56'],
])('%s that would pass for a URL is a secret as a whole', (_what, config, secret) => {
  learnSecretsIn(config);
  expect(redact(`it said ${secret}.`)).toBe('it said [redacted].');
});

test('of a URL the parts that may be secret are learned, what follows its # too, and its host is not', () => {
  const url = 'https://caller:pw-of-url-1@events.example/hooks/0123456789abcdefgh?key=query-value-2#fragment-value-3';
  learnSecretsIn({ sink: { webhook: { url } } });
  learnSecretsIn({ tracing: { endpoint: 'https://pw-of-collector-4@otlp.example' } });
  const told = redact('events.example hooks pw-of-url-1 0123456789abcdefgh query-value-2 fragment-value-3');
  expect(told).toBe('events.example hooks [redacted] [redacted] [redacted] [redacted]');
  expect(redact('otlp.example pw-of-collector-4')).toBe('otlp.example [redacted]');
});
