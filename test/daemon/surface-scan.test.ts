import { METHODS } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openControlSocket } from '../../src/daemon/http-surface.js';
import { type Audience, ROUTES } from '../../src/daemon/surface-routes.js';
import { OPEN_SURFACE } from '../../src/daemon/surface-settings.js';
import { withFiles } from '../support/temporary-folder.js';
import { type Answer, asker, BASIC, BEARER, GUARDED, openStage, viewOf } from './surface-stage.js';

/** Every method that Node's parser knows, but those that open a tunnel or another protocol. */
const SCANNED = METHODS.filter((method) => method !== 'CONNECT');

/** Everybody who may ask, and what each may. */
const ASKERS: Readonly<
  Record<string, { readonly headers: Record<string, string>; readonly may: readonly Audience[] }>
> = {
  'nobody in particular': { headers: {}, may: ['anyone'] },
  'a wrong user': { headers: { authorization: `Basic ${Buffer.from('x:y').toString('base64')}` }, may: ['anyone'] },
  'a right user with a wrong password': {
    headers: { authorization: `Basic ${Buffer.from('prometheus:').toString('base64')}` },
    may: ['anyone'],
  },
  'a wrong token': { headers: { authorization: 'Bearer another-token-of-the-test' }, may: ['anyone'] },
  'an empty token': { headers: { authorization: 'Bearer ' }, may: ['anyone'] },
  'the token as a password': { headers: { authorization: BEARER.replace('Bearer', 'Basic') }, may: ['anyone'] },
  'another scheme': { headers: { authorization: 'Digest username="prometheus"' }, may: ['anyone'] },
  'a reader': { headers: { authorization: BASIC }, may: ['anyone', 'reader'] },
  'who holds the token': { headers: { authorization: BEARER }, may: ['anyone', 'reader', 'control'] },
  'a page with the token': {
    headers: { authorization: BEARER, origin: 'https://attacker.example' },
    may: ['anyone', 'reader'],
  },
};

/** What a path of the table is asked with. */
const asked = (path: string): string => path.replace(':id', 'e1').replace(':name', 'FeishuWsZombie');

/** Whether the gate let it pass: what the route itself then says of a letter that is not there is another matter. */
const isPassed = (status: number): boolean => ![401, 403, 405, 421, 503].includes(status);

test.each(Object.entries(ASKERS))('%s is let in where the table says so, and nowhere else', async (_who, asker) => {
  const { ask, done } = await openStage(GUARDED, {}, { wrongCredentials: 10_000 });
  for (const { path, methods, audience } of ROUTES) {
    for (const method of SCANNED) {
      const answer = await ask(method, asked(path), asker.headers);
      const { status, headers } = answer;
      const where = `${method} ${path}: ${status}`;
      expectSafe(answer, where);
      if (!ROUTES.some((route) => route.path === path && route.methods.includes(method))) {
        expect([where, status, headers.allow]).toEqual([where, 405, methods.join(', ')]);
      } else if (asker.may.includes(audience)) {
        expect([where, isPassed(status)]).toEqual([where, true]);
      } else {
        expect([where, [401, 403].includes(status)]).toEqual([where, true]);
        if (status === 401) expect(headers['www-authenticate'], where).toMatch(/^(Basic|Bearer) realm=/);
      }
    }
  }
  expect(done).toEqual(asker.may.includes('control') ? ['reconnect', 'catch-up'] : []);
});

test('over the control socket everybody may everything, with whatever headers', async () => {
  await withFiles({}, async (directory) => {
    const { view, done } = viewOf();
    const socket = await openControlSocket({ directories: [directory] }, 9_464, view);
    onTestFinished(() => socket.close());
    expect(socket.path).toBe(join(directory, 'control-9464.sock'));
    const ask = asker({ socketPath: socket.path });
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { host: 'attacker.example' }] as Record<
      string,
      string
    >[]) {
      for (const { path, methods } of ROUTES) {
        for (const method of methods) {
          const { status } = await ask(method, asked(path), headers);
          expect([`${method} ${path}`, isPassed(status)]).toEqual([`${method} ${path}`, true]);
        }
      }
    }
    expect(done).toHaveLength(6);
  });
});

test('without a password everybody reads, and without a token nobody has control', async () => {
  const { ask, done } = await openStage(OPEN_SURFACE, {}, {}, '0.0.0.0');
  for (const { path, methods, audience } of ROUTES) {
    for (const method of methods) {
      for (const headers of [{}, { authorization: BEARER }, { authorization: 'Bearer ' }] as Record<string, string>[]) {
        const { status } = await ask(method, asked(path), headers);
        expect([path, status === 403]).toEqual([path, audience === 'control']);
      }
    }
  }
  expect(done).toEqual([]);
});

test('HEAD says what GET says, without the body', async () => {
  const { ask } = await openStage(GUARDED);
  for (const { path } of ROUTES.filter(({ methods }) => methods.includes('HEAD'))) {
    const headers = { authorization: BEARER };
    const [get, head] = [await ask('GET', asked(path), headers), await ask('HEAD', asked(path), headers)];
    expect([path, head.status, head.body]).toEqual([path, get.status, '']);
    expect([path, head.headers['content-type']]).toEqual([path, get.headers['content-type']]);
  }
});

test('strangers hear of a probe what it goes by, and readers what it is about', async () => {
  const { ask } = await openStage(GUARDED);
  expect(JSON.parse((await ask('GET', '/readyz')).body)).toEqual({ isReady: true });
  expect(JSON.parse((await ask('GET', '/livez')).body)).toEqual({ isAlive: true });
  expect(JSON.parse((await ask('GET', '/readyz', { authorization: BASIC })).body)).toHaveProperty('apps');
});

/** No answer may be stored, guessed at, framed or shared, none says what serves it, and no error more than what to do. */
function expectSafe({ status, headers, body }: Answer, where: string): void {
  expect(headers, where).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': expect.stringMatching(/^default-src 'none';.*frame-ancestors 'none'/),
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  expect(
    Object.keys(headers).filter((name) => FORBIDDEN.test(name)),
    where,
  ).toEqual([]);
  expect(headers['content-type'], where).toMatch(/^(application\/json|text\/(plain|html))(; charset=utf-8)?$/);
  if (status < 400 || body === '') return;
  expect({ error: '', hint: '', reason: '' }, where).toMatchObject(
    Object.fromEntries(Object.keys(JSON.parse(body)).map((key) => [key, ''])),
  );
  expect(body, where).not.toMatch(/\bat .*:\d+:\d+|node_modules|file:\/\//);
}
const FORBIDDEN = /^(server|x-powered-by|set-cookie|access-control-.*|strict-transport-security)$/;

test.each(['/nowhere', '/status/nothing', '/dead-letters/a/b', '/%zz', '/favicon.ico', '/robots.txt'])(
  'what is not there, such as %s, is told as safely by every method',
  async (path) => {
    const { ask } = await openStage(GUARDED);
    for (const method of SCANNED) {
      for (const headers of [{}, { authorization: BEARER }, { host: 'attacker.example' }] as Record<string, string>[]) {
        const answer = await ask(method, path, headers);
        expectSafe(answer, `${method} ${path}`);
        expect([400, 404, 405, 421]).toContain(answer.status);
      }
    }
  },
);

test('an error of ours is told without what threw it, and is a line of the log', async () => {
  const apps = () => {
    throw new Error('cannot read /home/somebody/journal');
  };
  const { ask, lines } = await openStage(GUARDED, { apps });
  const answer = await ask('GET', '/status', { authorization: BASIC });
  expectSafe(answer, 'a broken status');
  expect([answer.status, JSON.parse(answer.body)]).toEqual([
    500,
    { error: 'internal error', hint: 'The log has the cause.' },
  ]);
  expect(lines).toContainEqual(expect.objectContaining({ msg: '[feishu] a request to the HTTP surface failed' }));
});

/** Paths that are none, however near to one. */
test.each([
  '//status',
  '/status/',
  '/STATUS',
  '/./status',
  '/livez/../status',
  '/livez/%2e%2e/status',
  '/livez%2f..%2fstatus',
  '/dead-letters/../reconnect',
  '/%2freconnect',
  '/reconnect%00',
  '/status;x',
  '/.git/config',
])('%s is no way around who may what', async (path) => {
  const { ask, done } = await openStage(GUARDED);
  for (const method of ['GET', 'POST']) {
    const { status, body } = await ask(method, path);
    expect([method, [400, 401, 404, 405].includes(status)]).toEqual([method, true]);
    expect(body).not.toContain(statusWord);
  }
  expect(done).toEqual([]);
});
const statusWord = 'uptimeMs';

test('what is refused is logged, of each kind the 1st, 2nd, 4th and 8th, without a header', async () => {
  const { ask, lines, refusals } = await openStage(GUARDED);
  for (let count = 0; count < 9; count++)
    await ask('POST', '/reconnect', { authorization: 'Bearer hunter22-hunter22' });
  expect(refusals).toEqual(Array(9).fill('credentials'));
  expect(lines.map(({ count }) => count)).toEqual([1, 2, 4, 8]);
  expect(lines[0]).toMatchObject({
    msg: '[feishu] the HTTP surface refused a request',
    refusal: 'credentials',
    method: 'POST',
    route: '/reconnect',
    from: '127.0.0.1',
  });
  expect(JSON.stringify(lines)).not.toContain('hunter22');
});

test('a password file that is gone admits nobody, and fails no probe; a new password counts at once', async () => {
  await withFiles({ password: 'the first password\n' }, async (directory) => {
    const { rm, writeFile } = await import('node:fs/promises');
    const file = join(directory, 'password');
    const { ask } = await openStage({ ...GUARDED, basic: { user: 'prometheus', password: { file } } });
    const as = (password: string) => ({
      authorization: `Basic ${Buffer.from(`prometheus:${password}`).toString('base64')}`,
    });
    expect((await ask('GET', '/status', as('the first password'))).status).toBe(200);
    await writeFile(file, 'the second password, which is longer');
    expect((await ask('GET', '/status', as('the first password'))).status).toBe(401);
    expect((await ask('GET', '/status', as('the second password, which is longer'))).status).toBe(200);
    await rm(file);
    expect((await ask('GET', '/status', as('the second password, which is longer'))).status).toBe(503);
    expect((await ask('GET', '/livez', as('whatever'))).status).toBe(200);
  });
});
