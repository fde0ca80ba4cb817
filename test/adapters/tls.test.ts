import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { limitByHand, type Outcome, testNetwork, tryBoth } from '../support/both-faces.js';
import { type Loopback, loopback, serveTcp } from '../support/loopback.js';
import { withFiles } from '../support/temporary-folder.js';
import { AUTHORITY, AUTHORITY_FILE, type CertificateName, identity, serveTls } from '../support/tls/servers.js';

const OK: Outcome = { kind: 'ok', message: '' };
const ADVICE =
  'if that is a TLS-inspecting proxy or a private authority, name its certificate in caFile or NODE_EXTRA_CA_CERTS';

function keep<Server>(serving: Loopback<Server>): Loopback<Server> {
  onTestFinished(serving.close);
  return serving;
}

test.each([
  [
    'trusted',
    undefined,
    `is signed by an authority that is not known here; ${ADVICE} (UNABLE_TO_VERIFY_LEAF_SIGNATURE)`,
  ],
  ['self-signed', undefined, `is self-signed; ${ADVICE} (DEPTH_ZERO_SELF_SIGNED_CERT)`],
  ['expired', AUTHORITY, "has expired; it must be renewed, or this machine's clock is wrong (CERT_HAS_EXPIRED)"],
  ['not-yet-valid', AUTHORITY, "is not valid yet; this machine's clock may be wrong (CERT_NOT_YET_VALID)"],
  [
    'wrong-host',
    AUTHORITY,
    'is for another host; something in between answers in its place, or the domain is wrong (ERR_TLS_CERT_ALTNAME_INVALID)',
  ],
] satisfies [CertificateName, string | undefined, string][])(
  'a certificate that is %s is a tls failure of call and socket, and says what to do',
  async (name, ca, words) => {
    const { port, url } = keep(await serveTls(name));
    const told = { kind: 'tls', message: `the certificate of 127.0.0.1:${port} ${words}` };
    const network = testNetwork(ca === undefined ? {} : { ca });
    expect(await tryBoth(network, url)).toEqual({ http: told, dial: told });
  },
);

test('ca and caFile are trusted besides the usual authorities, together or alone', async () => {
  const { url } = keep(await serveTls('trusted'));
  const own = identity('self-signed').cert;
  for (const options of [
    { ca: AUTHORITY },
    { ca: [own, AUTHORITY] },
    { caFile: AUTHORITY_FILE },
    { ca: own, caFile: AUTHORITY_FILE },
  ]) {
    expect(await tryBoth(testNetwork(options), url)).toEqual({ http: OK, dial: OK });
  }
  expect((await tryBoth(testNetwork({ ca: own }), url)).http.kind).toBe('tls');
});

// Later versions of Node read the variable once, when the process starts.
test.skipIf('getCACertificates' in tls)('a ca of our own does not take NODE_EXTRA_CA_CERTS away', async () => {
  const { url } = keep(await serveTls('trusted'));
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('NODE_EXTRA_CA_CERTS', AUTHORITY_FILE);
  expect(await tryBoth(testNetwork({ ca: identity('self-signed').cert }), url)).toEqual({ http: OK, dial: OK });
  vi.stubEnv('NODE_EXTRA_CA_CERTS', '/nowhere.pem');
  expect(await tryBoth(testNetwork({ ca: AUTHORITY }), url)).toEqual({ http: OK, dial: OK });
});

test('a CA file that appears, changes or breaks counts at the next connection', async () => {
  const { url } = keep(await serveTls('trusted'));
  await withFiles({}, async (folder) => {
    const caFile = join(folder, 'ca.pem');
    const network = testNetwork({ caFile });
    const unusable = (why: string) => ({
      kind: 'tls',
      message: `the CA file ${caFile} can't be used: ${why}`,
    });
    expect(await tryBoth(network, url)).toEqual({ http: unusable('ENOENT'), dial: unusable('ENOENT') });
    await writeFile(caFile, identity('self-signed').cert);
    expect((await tryBoth(network, url)).dial).toMatchObject({ kind: 'tls' });
    await writeFile(caFile, await readFile(AUTHORITY_FILE));
    expect(await tryBoth(network, url)).toEqual({ http: OK, dial: OK });
    await writeFile(caFile, 'gone');
    expect((await tryBoth(network, url)).http).toEqual(unusable('it must hold PEM certificates and nothing broken'));
    await rm(caFile);
    await mkdir(caFile);
    expect((await tryBoth(network, url)).dial).toEqual(unusable('it is no regular file'));
  });
});

test('a reset during the handshake stays a reset', async () => {
  const { port, url } = keep(await serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy())));
  const told = { kind: 'reset', message: `127.0.0.1:${port} broke the TLS handshake off (ECONNRESET)` };
  expect(await tryBoth(testNetwork(), url.replace('http', 'https'))).toEqual({ http: told, dial: told });
});

test('a peer that speaks no TLS is called that', async () => {
  const { port, url } = keep(
    await serveTcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
  );
  const outcome = await tryBoth(testNetwork(), url.replace('http', 'https'));
  for (const { kind, message } of Object.values(outcome)) {
    expect(kind).toBe('protocol');
    expect(message).toContain(`127.0.0.1:${port} does not speak TLS; a captive portal may be in between`);
  }
});

test('a peer that knows no version of ours is a tls failure', async () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const { port, url } = keep(await loopback(tls.createServer({ ...identity('trusted'), ...old }), 'https'));
  const outcome = await tryBoth(testNetwork({ ca: AUTHORITY }), url);
  for (const { kind, message } of Object.values(outcome)) {
    expect(kind).toBe('tls');
    expect(message).toContain(`127.0.0.1:${port} and we have no TLS version or cipher in common`);
  }
});

test('a handshake that never ends costs the time for a connection and says where it stood', async () => {
  const { timer, passes } = limitByHand();
  const { port, url } = keep(await serveTcp((socket) => socket.once('data', passes)));
  const told = { kind: 'timeout', message: `no TLS handshake with 127.0.0.1:${port} within 12000 ms` };
  const network = testNetwork({ timer });
  expect(await tryBoth(network, url.replace('http', 'https'))).toEqual({ http: told, dial: told });
});
