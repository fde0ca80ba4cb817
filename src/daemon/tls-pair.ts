import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Logger } from 'pino';
import type { CertificateInForce } from '../observe/index.js';
import { type Clock, SecretError, type Timer } from '../ports/index.js';
import type { TlsFiles } from './surface-settings.js';

/** A certificate with its key, checked to belong together. */
export interface TlsPair {
  readonly context: SecureContextOptions;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** What the files were when they were read. */
  readonly version: string;
}

// Far above any chain; it catches a log or an archive given by mistake.
const LARGEST_FILE_BYTES = 1_048_576;

/**
 * Reads a certificate (with its chain) and its key from PEM files.
 * @throws SecretError naming the file and what is wrong with it. It never holds a part of the key.
 */
export async function readTlsPair({ certFile, keyFile }: TlsFiles): Promise<TlsPair> {
  const version = await versionOf({ certFile, keyFile });
  const cert = await readPem(certFile, 'certificate');
  const key = await readPem(keyFile, 'key');
  const certificate = firstCertificateIn(cert, certFile);
  if (!certificate.checkPrivateKey(keyIn(key, keyFile)))
    throw new SecretError(`the key in ${keyFile} is not that of the certificate in ${certFile}`);
  const context: SecureContextOptions = { cert, key, minVersion: 'TLSv1.2' };
  try {
    createSecureContext(context);
  } catch (error) {
    const why = reasonOf(error);
    throw new SecretError(`OpenSSL refuses the certificate in ${certFile} with the key in ${keyFile}: ${why}`);
  }
  return {
    context,
    expiresAt: Date.parse(certificate.validTo),
    version,
  };
}

/** Changes whenever one of the files is replaced or written. @throws SecretError */
export async function versionOf({ certFile, keyFile }: TlsFiles): Promise<string> {
  const versions = [certFile, keyFile].map(async (path) => {
    const entry = await stat(path).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    // Opening a pipe would wait for its writer, in a thread that can't be interrupted.
    if (!entry.isFile()) throw new SecretError(`${path} is no regular file`);
    if (entry.size > LARGEST_FILE_BYTES) throw new SecretError(`${path} has more than ${LARGEST_FILE_BYTES} bytes`);
    return [entry.mtimeMs, entry.ctimeMs, entry.size, entry.ino].join(' ');
  });
  return (await Promise.all(versions)).join(', ');
}

async function readPem(path: string, what: 'certificate' | 'key'): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const begins = what === 'certificate' ? /-----BEGIN CERTIFICATE-----/ : /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
  if (begins.test(text)) return text;
  const swapped = /-----BEGIN CERTIFICATE-----/.test(text) || /PRIVATE KEY-----/.test(text);
  throw new SecretError(`${path} holds no PEM ${what}${swapped ? '; are the two files swapped?' : ''}`);
}

/** @throws SecretError if one of those that follow it cannot be read either: clients would be shown half a chain. */
function firstCertificateIn(pem: string, path: string): X509Certificate {
  const [first, ...others] = pem
    .split(/(?=-----BEGIN CERTIFICATE-----)/)
    .filter((part) => part.startsWith('-----BEGIN CERTIFICATE-----'));
  const count = others.length + 1;
  const certificate = certificateIn(
    first ?? '',
    count === 1 ? `the certificate in ${path}` : `certificate 1 of ${count} in ${path}`,
  );
  for (const [index, other] of others.entries())
    certificateIn(other, `certificate ${index + 2} of ${count} in ${path}`);
  return certificate;
}

function certificateIn(pem: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new SecretError(`${what} cannot be read: it is damaged or cut off`);
  }
}

function keyIn(pem: string, path: string): KeyObject {
  if (/ENCRYPTED/.test(pem))
    throw new SecretError(`the key in ${path} is encrypted, and there is nobody to ask for its passphrase`);
  try {
    return createPrivateKey(pem);
  } catch {
    throw new SecretError(`the key in ${path} cannot be read: it is damaged or cut off`);
  }
}

/** In OpenSSL's words, which name no part of a key: `ee key too small`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
}

function unreadable(path: string, error: unknown): SecretError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return new SecretError(`${path} can't be read: ${code}`);
}

export interface TlsKeeperParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes over a pair that is fit. */
  readonly use: (pair: TlsPair) => void;
}

const LOOK_EVERY_MS = 10_000; // a certificate is replaced days before it ends

/** Looks at the files again and again, and takes over a new pair; one that is broken leaves the old one in force. */
export class TlsKeeper {
  readonly #parts: TlsKeeperParts;
  #files: TlsFiles;
  #pair: TlsPair;
  /** What was seen last, fit or not: a broken pair is told of once. */
  #seen: string;
  #areFilesUsable = true;
  #timer: Timer | null = null;
  #isStopped = false;

  constructor(files: TlsFiles, pair: TlsPair, parts: TlsKeeperParts) {
    this.#files = files;
    this.#pair = pair;
    this.#seen = pair.version;
    this.#parts = parts;
    this.#tellExpiry();
    this.#schedule();
  }

  get certificate(): CertificateInForce {
    return { expiresAt: this.#pair.expiresAt, areFilesUsable: this.#areFilesUsable };
  }

  /**
   * Takes over what the files hold now.
   * @returns Takes that back.
   * @throws SecretError; the old pair stays in force then.
   */
  async renew(files: TlsFiles): Promise<() => void> {
    const pair = await readTlsPair(files);
    const before = { files: this.#files, pair: this.#pair };
    this.#adopt(files, pair);
    return () => this.#adopt(before.files, before.pair);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#timer = this.#parts.clock.timer(LOOK_EVERY_MS, () => {
      void this.look().then(() => this.#schedule());
    });
  }

  /** Never rejects. */
  async look(): Promise<void> {
    const files = this.#files;
    let seen: string;
    try {
      seen = await versionOf(files);
      if (seen === this.#seen) return;
      const pair = await readTlsPair(files);
      if (this.#isStopped || files !== this.#files) return;
      this.#adopt(files, pair);
    } catch (error) {
      if (this.#isStopped || files !== this.#files) return;
      this.#areFilesUsable = false;
      const reason = error instanceof Error ? error.message : String(error);
      seen = reason;
      try {
        seen = await versionOf(files);
      } catch {
        // What is wrong is then told once for as long as it is wrong the same way.
      }
      if (seen === this.#seen) return;
      this.#seen = seen;
      const until = new Date(this.#pair.expiresAt).toISOString();
      this.#parts.logger.error({ reason, until }, '[feishu] the new TLS pair is not used; the old one stays in force');
    }
  }

  #adopt(files: TlsFiles, pair: TlsPair): void {
    const isNew = pair.version !== this.#pair.version || files.certFile !== this.#files.certFile;
    this.#parts.use(pair);
    this.#files = files;
    this.#pair = pair;
    this.#seen = pair.version;
    this.#areFilesUsable = true;
    if (!isNew) return;
    this.#parts.logger.info({ until: new Date(pair.expiresAt).toISOString() }, '[feishu] a new TLS pair is in force');
    this.#tellExpiry();
  }

  #tellExpiry(): void {
    if (this.#pair.expiresAt > this.#parts.clock.wallNow()) return;
    const until = new Date(this.#pair.expiresAt).toISOString();
    this.#parts.logger.error({ until }, '[feishu] the TLS certificate has expired: clients will refuse it');
  }
}
