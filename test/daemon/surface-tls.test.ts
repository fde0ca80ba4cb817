import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createNodeHttp, createPinnedTransport } from '../../src/adapters/index.js';
import { OPEN_SURFACE } from '../../src/daemon/surface-settings.js';
import { readTlsPair } from '../../src/daemon/tls-pair.js';
import { SecretError } from '../../src/ports/index.js';
import { eventually } from '../support/eventually.js';
import { HandClock, settled } from '../support/hand-clock.js';
import { withFiles } from '../support/temporary-folder.js';
import { openStage } from './surface-stage.js';

const fileOf = (name: string) => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));

/** A folder with a pair of its own, to be replaced. */
async function withPair(use: (files: { certFile: string; keyFile: string }, folder: string) => Promise<void>) {
  await withFiles({}, async (folder) => {
    const files = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
    await copyFile(fileOf('trusted.pem'), files.certFile);
    await copyFile(fileOf('throwaway.key'), files.keyFile);
    await use(files, folder);
  });
}

async function handshake(port: number, options: object = {}): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

const shown = async (port: number): Promise<string | undefined> =>
  (await handshake(port)).getPeerX509Certificate()?.fingerprint256;

test('with a pair it speaks HTTPS, of TLS 1.2 or newer', async () => {
  await withPair(async (tls) => {
    const { surface, port } = await openStage({ ...OPEN_SURFACE, tls });
    expect(surface.url).toBe(`https://127.0.0.1:${port}`);
    expect(surface.certificate).toEqual({ expiresAt: Date.UTC(2120, 0, 1), areFilesUsable: true });
    const { http, close } = createNodeHttp(createPinnedTransport(tls.certFile));
    onTestFinished(close);
    const request = {
      method: 'GET',
      url: `${surface.url}/livez`,
      route: '/livez',
      timeoutMs: 5_000,
      maxBytes: 1_000,
    } as const;
    expect((await http(request)).status).toBe(200);
    expect((await handshake(port, { maxVersion: 'TLSv1.2' })).getProtocol()).toBe('TLSv1.2');
    await expect(handshake(port, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' })).rejects.toThrow();
    // Somebody else's certificate, as good as it may be, is not the one of the file.
    const other = createNodeHttp(createPinnedTransport(fileOf('wrong-host.pem')));
    onTestFinished(other.close);
    await expect(other.http(request)).rejects.toMatchObject({ kind: 'tls' });
  });
});

test('a new pair is in force for the next connection; a broken one is not taken over, and told of once', async () => {
  await withPair(async (tls) => {
    const clock = new HandClock();
    const { port, lines } = await openStage({ ...OPEN_SURFACE, tls }, { clock });
    const first = await shown(port);
    await writeFile(tls.certFile, 'half of a certif');
    await clock.advanceBy(10_000);
    await eventually(() => lines.length > 0, 'the broken pair is told of');
    expect(lines).toMatchObject([
      { level: expect.anything(), reason: expect.stringContaining('holds no PEM certificate') },
    ]);
    expect(await shown(port)).toBe(first);
    await eventually(() => clock.pending > 0, 'the next look');
    await clock.advanceBy(10_000);
    await settled();
    await copyFile(fileOf('wrong-host.pem'), tls.certFile);
    await eventually(async () => {
      await clock.advanceBy(10_000);
      return lines.length > 1;
    }, 'the new pair is told of');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({ msg: '[feishu] a new TLS pair is in force' });
    expect(await shown(port)).not.toBe(first);
  });
});

test('a reload takes the new pair at once, and refuses a broken one as a whole', async () => {
  await withPair(async (tls) => {
    const settings = { ...OPEN_SURFACE, tls };
    const { surface, port } = await openStage(settings);
    const first = await shown(port);
    await copyFile(fileOf('wrong-host.pem'), tls.certFile);
    await surface.adopt(settings);
    const second = await shown(port);
    expect(second).not.toBe(first);
    await writeFile(tls.keyFile, 'no key');
    await expect(surface.adopt(settings)).rejects.toThrow(/tls\.key holds no PEM key/);
    expect(await shown(port)).toBe(second);
  });
});

test.each<[string, (files: { certFile: string; keyFile: string }) => Promise<void>, RegExp]>([
  ['missing', async ({ keyFile }) => (await import('node:fs/promises')).rm(keyFile), /tls\.key can't be read: ENOENT/],
  [
    'swapped',
    async ({ certFile, keyFile }) => {
      await copyFile(fileOf('throwaway.key'), certFile);
      await copyFile(fileOf('trusted.pem'), keyFile);
    },
    /tls\.crt holds no PEM certificate; are the two files swapped\?/,
  ],
  [
    'of two pairs',
    async ({ keyFile }) => {
      const { generateKeyPairSync } = await import('node:crypto');
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    },
    /the key in .*tls\.key is not that of the certificate in .*tls\.crt/,
  ],
  [
    'encrypted',
    async ({ keyFile }) => {
      const { generateKeyPairSync } = await import('node:crypto');
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      await writeFile(
        keyFile,
        privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
      );
    },
    /the key in .* is encrypted/,
  ],
  [
    'cut off',
    async ({ certFile }) => {
      await writeFile(certFile, '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    },
    /the certificate in .* cannot be read/,
  ],
  [
    'followed by a chain that is cut off',
    async ({ certFile }) => {
      const [own, authority] = await Promise.all([
        readFile(certFile, 'utf8'),
        readFile(fileOf('authority.pem'), 'utf8'),
      ]);
      await writeFile(certFile, own + authority.slice(0, authority.length / 2));
    },
    /certificate 2 of 2 in .*tls\.crt cannot be read: it is damaged or cut off/,
  ],
  [
    'followed by a certificate that is damaged',
    async ({ certFile }) => {
      const own = await readFile(certFile, 'utf8');
      await writeFile(certFile, `${own}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n${own}`);
    },
    /certificate 2 of 3 in .*tls\.crt cannot be read/,
  ],
  [
    'too weak',
    async ({ certFile, keyFile }) => {
      await copyFile(fileOf('weak.pem'), certFile);
      await copyFile(fileOf('weak.key'), keyFile);
    },
    /OpenSSL refuses the certificate in .*tls\.crt with the key in .*tls\.key: .*key too small/,
  ],
])('a pair that is %s is an error that says which file and why', async (_what, spoil, message) => {
  await withPair(async (files) => {
    await spoil(files);
    const reading = readTlsPair(files);
    await expect(reading).rejects.toThrow(SecretError);
    await expect(reading).rejects.toThrow(message);
  });
});

test('whoever begins a handshake and does not finish it is cut off', async () => {
  await withPair(async (tls) => {
    const { port } = await openStage({ ...OPEN_SURFACE, tls }, {}, { headersMs: 40 });
    const { connect } = await import('node:net');
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('\u0016\u0003\u0001');
    await once(socket, 'close');
  });
});
