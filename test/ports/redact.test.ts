import { expect, test } from 'vitest';
import { firstLineOf, learnSecret, redact } from '../../src/ports/index.js';

const SECRET = 'DECAFBAD0123456789abcdef0123456789';
const TOKEN = 't-caecc734c2e3328a62489fe0648c4b98779515d3';
const BODY = JSON.stringify({ app_id: 'cli_a1b2c3d4e5f60718', app_secret: SECRET });

test.each([
  [
    `wss://gw/ws/v2?fpid=493&device_id=76&access_key=${SECRET}&service_id=3&ticket=${SECRET}`,
    'wss://gw/ws/v2?fpid=493&device_id=76&access_key=[redacted]&service_id=3&ticket=[redacted]',
  ],
  [`ticket%3D${SECRET}%26`, 'ticket%3D[redacted]'],
  [`{"AppID":"cli_a","AppSecret":"${SECRET}"}`, '{"AppID":"cli_a","AppSecret":"[redacted]"}'],
  [BODY, '{"app_id":"cli_a1b2c3d4e5f60718","app_secret":"[redacted]"}'],
  [JSON.stringify(BODY), '"{\\"app_id\\":\\"cli_a1b2c3d4e5f60718\\",\\"app_secret\\":\\"[redacted]\\"}"'],
  [`appSecret: '${SECRET}', other: 1`, "appSecret: '[redacted]', other: 1"],
  [`{"ticket":"${SECRET}","code":0}`, '{"ticket":"[redacted]","code":0}'],
  [`{"tenant_access_token":"${TOKEN}","expire":7200}`, '{"tenant_access_token":"[redacted]","expire":7200}'],
  [`{"access_token": "eyJhbGciOi.eyJzdWIi.c2ln"}`, '{"access_token": "[redacted]"}'],
  [`Authorization: Bearer ${TOKEN}`, 'Authorization: [redacted]'],
  [`"authorization":"Basic dXNlcjpwYXNz","x":1`, '"authorization":"[redacted]","x":1'],
  [`curl -H 'Bearer ${SECRET}'`, "curl -H 'Bearer [redacted]'"],
  [`invalid access token ${TOKEN}, log id 2026`, 'invalid access token [redacted], log id 2026'],
  ['u-Q7JWnaIM_kRChuLfreHmpArjOEayt.5XUBJcZr', '[redacted]'],
  ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl end', 'jwt [redacted] end'],
  ['connect http://user:pa55w0rd@proxy:8080 failed', 'connect http://[redacted]@proxy:8080 failed'],
  [`error: unknown option '--app-secret=${SECRET}'`, "error: unknown option '--app-secret=[redacted]'"],
  ['signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'signed with [redacted]'],
  [`seed SUA${'ABCDEFGH234567IJKLMNOPQRSTUVWXYZ'.repeat(2).slice(0, 55)}`, 'seed [redacted]'],
  ['redis://:pa55w0rd@cache:6379 is gone', 'redis://[redacted]@cache:6379 is gone'],
  ['https://ghp_0123456789abcdef@git.example/x', 'https://[redacted]@git.example/x'],
  ['authorization: Token 0123456789abcdef', 'authorization: [redacted]'],
  ['sent Basic dXNlcjpwYTU1dzByZA== to it', 'sent Basic [redacted] to it'],
  ['user=bot password=hunter22 host=db', 'user=bot password=[redacted] host=db'],
  ['{"user":"bot","password":"hunter22"}', '{"user":"bot","password":"[redacted]"}'],
  ['X-Api-Key: 0123456789abcdef', 'X-Api-Key: [redacted]'],
  ['{"encrypt_key":"aaaabbbbcccc1111"}', '{"encrypt_key":"[redacted]"}'],
  [`verification_token="${SECRET}"`, 'verification_token="[redacted]"'],
  [`{"header":{"token":"${SECRET}"}}`, '{"header":{"token":"[redacted]"}}'],
  [
    'key: -----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADAN\n+/==\n-----END RSA PRIVATE KEY----- and a certificate',
    'key: [redacted] and a certificate',
  ],
  [
    JSON.stringify(JSON.stringify({ key: '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN', x: 1 })),
    JSON.stringify(JSON.stringify({ key: '[redacted]', x: 1 })),
  ],
])('takes the secret out of %s', (text, clean) => {
  expect(redact(text)).toBe(clean);
  expect(redact(clean)).toBe(clean);
});

test.each([
  'The ticket endpoint did not answer: no ticket: timeout after 15000 ms',
  'bearer token was rejected, basic authentication too',
  'a-perfectly-ordinary-hyphenated-sentence, not-a-secret-1234567890123456',
  '{"device_id":"7627546355398364345","code":99991663,"msg":"token invalid"}',
  'https://open.feishu.cn:443/open-apis/im/v1/messages?receive_id_type=chat_id',
  'im.message.receive_v1 om_5ce6d572455d361153b7cb51da133945 ou_7d8a6e6df7621556ce0d21922b676706ccs',
  '[feishu] reconnected',
  'the password is too short, a token: none; secret: unknown; Basic authentication is off; basic 2026 plan',
  '{"token":{"isFresh":true},"token_type":"tenant","password":null}',
  'git@github.com:larksuite/node-sdk and //@example/x, mail me at https://a.example/@somebody',
  '',
])('leaves what is no secret alone: %s', (text) => {
  expect(redact(text)).toBe(text);
});

test('JSON stays JSON, however often it was wrapped in a string', () => {
  let line = JSON.stringify({ config: { data: BODY, headers: { Authorization: `Bearer ${TOKEN}` } } });
  for (let depth = 0; depth < 3; depth += 1) {
    const clean = redact(line);
    expect(clean).not.toContain(SECRET);
    expect(clean).not.toContain(TOKEN);
    expect(() => JSON.parse(clean)).not.toThrow();
    line = JSON.stringify({ nested: line });
  }
});

test('hostile input of a megabyte takes no more steps than it has characters, by far', () => {
  // Quadratic steps would take minutes here and run into the deadline of the test.
  for (const bait of [
    't-',
    'a-a',
    '//a:',
    'authorization',
    'app_secret "',
    'eyJaaaaaaaa.',
    'eyJ-',
    'eyJaaaaaaaa.eyJ-',
    'ticket=',
    '\\'.repeat(8),
    'password="',
    'Basic AAAA',
    '//:a',
    '//aaaaaaaaaaaaaaaaaaaa',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----\\n',
  ]) {
    const text = bait.repeat(1_000_000 / bait.length);
    expect(redact(text).length).toBeGreaterThan(0);
  }
});

test('a text full of how tokens begin is not compared with each of thousands of them', () => {
  for (let index = 0; index < 4_096; index++) learnSecret(`t-g104${String(index).padStart(4, 'A')}4qeGEDXTB6NDJO`);
  // Each token at each character would take minutes, and run into the deadline of the test.
  const text = 't-g104 '.repeat(1_000_000);
  expect(redact(text)).toBe(text);
  expect(redact('it is t-g104AA774qeGEDXTB6NDJO!')).toBe('it is [redacted]!');
});

test('what was learned is struck out wherever it stands, without a word around it that would give it away', () => {
  const secret = 'a "very" own/password';
  const said = `it is ${secret}.`;
  expect(redact(said)).toBe(said);
  learnSecret(secret);
  expect(redact(said)).toBe('it is [redacted].');
  expect(JSON.parse(redact(JSON.stringify({ said })))).toEqual({ said: 'it is [redacted].' });
  expect(redact(`Basic ${Buffer.from(`me:${secret}`).toString('base64')}`)).toContain('[redacted]');
});

test('the first line of what was thrown is redacted before it is cut', () => {
  const secret = 'Zq8Xw2Ls9Kd4Fj7Gh1Pm6Nb3Vc5Tr0Ye';
  learnSecret(secret);
  const line = firstLineOf(new Error(`${'x'.repeat(190)} ${secret} is wrong\nand more`));
  expect(line).toBe(`${'x'.repeat(190)} [redacte…`);
  expect(firstLineOf(new TypeError(''))).toBe('TypeError');
  expect(firstLineOf(`thrown ${secret}`)).toBe('thrown [redacted]');
  expect(
    firstLineOf({
      toString: () => {
        throw new Error('no');
      },
    }),
  ).toBe('something that cannot be shown was thrown');
});
