import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { messageEvent } from '../../src/simulator/index.js';
import { serveTcp } from '../support/loopback.js';
import { acknowledged, realConnector, realPlatform } from '../support/real-world.js';
import { withFiles } from '../support/temporary-folder.js';
import { AUTHORITY, AUTHORITY_FILE, identity, tlsTerminator } from '../support/tls/servers.js';

const UNTRUSTED = 'feishu_ws_connect_failures_total{app="bot",failure="tls_untrusted",verdict="operator"}';
const UNREACHABLE = 'feishu_ws_connect_failures_total{app="bot",failure="discovery_unreachable",verdict="retry"}';

test('F18: an authority that is not trusted waits for an operator; the right CA file ends it without a restart', async () => {
  const platform = await realPlatform();
  const { url } = await tlsTerminator(platform.url, 'trusted');
  await withFiles({ 'ca.pem': identity('self-signed').cert.toString() }, async (folder) => {
    const caFile = join(folder, 'ca.pem');
    const bot = realConnector(url, { caFile });
    await bot.connector.start();
    await bot.metricReaches(UNTRUSTED, 2);
    expect(bot.connector.status().lastFailure).toMatchObject({ code: 'tls_untrusted', verdict: 'operator' });
    expect(bot.connector.status().lastFailure?.detail).toContain('is signed by an authority that is not known here');
    await writeFile(caFile, await readFile(AUTHORITY_FILE));
    await bot.connector.ready();
    await acknowledged(platform.simulator.send(messageEvent()), 'a message once the authority is trusted');
  });
});

test('F18: a certificate that is self-signed, expired or for another host is told apart, and tried until it is mended', async () => {
  const platform = await realPlatform();
  const { server, url } = await tlsTerminator(platform.url, 'self-signed');
  const bot = realConnector(url, { ca: AUTHORITY });
  await bot.connector.start();
  for (const [name, words] of [
    ['self-signed', 'is self-signed'],
    ['expired', 'has expired'],
    ['wrong-host', 'is for another host'],
  ] as const) {
    server.setSecureContext(identity(name));
    const before = (await bot.metric(UNTRUSTED)) || 0;
    // Two, as one of them may have begun before the certificate changed.
    await bot.metricReaches(UNTRUSTED, before + 2);
    expect(bot.connector.status().lastFailure?.detail).toContain(words);
  }
  server.setSecureContext(identity('trusted'));
  await bot.connector.ready();
});

test('F18: a handshake that is reset may mend itself and is not called a certificate', async () => {
  const rude = await serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
  onTestFinished(rude.close);
  const bot = realConnector(rude.url.replace('http', 'https'));
  await bot.connector.start();
  await bot.metricReaches(UNREACHABLE, 2);
  expect(bot.connector.status().lastFailure).toMatchObject({ code: 'discovery_unreachable', verdict: 'retry' });
  expect(bot.connector.status().lastFailure?.detail).toContain('broke the TLS handshake off');
});
