import { join } from 'node:path';
import { z } from 'zod';
import { secretFileOf } from '../adapters/index.js';
import { SecretError } from '../ports/index.js';
import type { KeyPath } from './config-document.js';
import type { Environment } from './config-environment.js';
import type { SocketChoice } from './control-socket.js';
import {
  type GivenSecret,
  isPassword,
  isToken,
  SHORTEST_PASSWORD,
  SHORTEST_TOKEN,
  type SurfaceSettings,
} from './surface-settings.js';
import { readTlsPair } from './tls-pair.js';

const file = z.string().min(1);

/** Who may read, and how what is read travels. */
export const HTTP_SHAPE = z.strictObject({
  user: z
    .string()
    .regex(/^[^:\p{Cc}]{1,100}$/u)
    .optional()
    .describe('Whoever reads metrics, status or page names this user and the password. Left out: nobody is asked.'),
  password: z.string().refine(isPassword).optional().describe('The password itself; `passwordFile` is safer.'),
  passwordFile: file.optional().describe('A file that holds the password alone; it is read again when it changes.'),
  certFile: file
    .optional()
    .describe('A PEM file with the certificate and its chain; the surface speaks HTTPS then, TLS 1.2 or newer.'),
  keyFile: file.optional().describe('A PEM file with its key. Both are read again when they change, and on SIGHUP.'),
});

/** Who may have something done. */
export const CONTROL_SHAPE = z.strictObject({
  token: z.string().refine(isToken).optional().describe('The control token itself; `tokenFile` is safer.'),
  tokenFile: file
    .optional()
    .describe(
      'A file that holds the control token alone; it is read again when it changes. Without a token nobody has anything done over the network.',
    ),
  socket: file
    .optional()
    .describe(
      'Path of the control socket, or `none`. Left out: `control-<port>.sock` in the first that there is of `$RUNTIME_DIRECTORY`, the journal’s directory and `$XDG_RUNTIME_DIR/feishu-connector`.',
    ),
});

export const HTTP_KEYS = Object.keys(HTTP_SHAPE.shape);
export const CONTROL_KEYS = Object.keys(CONTROL_SHAPE.shape);

/** Keys whose value is never repeated. */
export const SURFACE_SECRETS: readonly string[] = ['password', 'token'];

/** What the keys want, by their whole path: other groups have keys of the same names. */
export const SURFACE_WORDS: Readonly<Record<string, { readonly expected: string; readonly advice: string }>> = {
  http: { expected: 'a mapping of options', advice: 'Write http: and below it "  user: prometheus".' },
  'http.user': { expected: 'a name without a colon', advice: 'Write user: prometheus, and passwordFile: beside it.' },
  'http.password': {
    expected: `a password of at least ${SHORTEST_PASSWORD} characters`,
    advice: 'Take the output of "openssl rand -base64 24", or better name a file in passwordFile.',
  },
  'http.passwordFile': { expected: 'the path of a file', advice: 'Write passwordFile: /run/secrets/http-password.' },
  'http.certFile': { expected: 'the path of a PEM file', advice: 'Write certFile: and keyFile: beside it.' },
  'http.keyFile': { expected: 'the path of a PEM file', advice: 'Write keyFile: and certFile: beside it.' },
  control: { expected: 'a mapping of options', advice: 'Write control: and below it "  tokenFile: …".' },
  'control.token': {
    expected: `a token of at least ${SHORTEST_TOKEN} visible characters of ASCII`,
    advice: 'Take the output of "openssl rand -hex 24", or better name a file in tokenFile.',
  },
  'control.tokenFile': { expected: 'the path of a file', advice: 'Write tokenFile: /run/secrets/control-token.' },
  'control.socket': {
    expected: 'the path of a Unix socket, or none',
    advice: 'Write socket: /run/feishu-connector/control.sock, or leave it out.',
  },
};

/** The part of the configuration that is about the surface. */
export interface RawSurface {
  readonly http?: z.infer<typeof HTTP_SHAPE> | undefined;
  readonly control?: z.infer<typeof CONTROL_SHAPE> | undefined;
  readonly journal?: { readonly directory: string } | undefined;
}

type PathOf = (path: KeyPath, value: string) => string;

/** What the surface takes, its paths made absolute. Only for what {@link surfaceProblems} finds nothing wrong with. */
export function surfaceSettingsOf(raw: RawSurface, env: Environment, pathOf: PathOf): SurfaceSettings {
  const { user, password, passwordFile, certFile, keyFile } = raw.http ?? {};
  const { token, tokenFile } = raw.control ?? {};
  const secret = (text: string | undefined, path: KeyPath, file: string | undefined): GivenSecret | null => {
    if (file !== undefined) return { file: pathOf(path, file) };
    return text === undefined ? null : { text };
  };
  const given = secret(password, ['http', 'passwordFile'], passwordFile);
  return {
    basic: user === undefined || given === null ? null : { user, password: given },
    token: secret(token, ['control', 'tokenFile'], tokenFile),
    socket: socketOf(raw, env, pathOf),
    tls:
      certFile === undefined || keyFile === undefined
        ? null
        : { certFile: pathOf(['http', 'certFile'], certFile), keyFile: pathOf(['http', 'keyFile'], keyFile) },
  };
}

/**
 * By default in the first of: systemd's runtime directory, the journal's, the user's runtime directory. None of them is
 * anybody else's, and whoever calls the daemon from the same machine finds the same ones.
 */
function socketOf({ control, journal }: RawSurface, env: Environment, pathOf: PathOf): SocketChoice | null {
  const { socket } = control ?? {};
  if (socket === 'none') return null;
  if (socket !== undefined) return { path: pathOf(['control', 'socket'], socket) };
  // systemd separates several with colons.
  const [runtime] = (env.RUNTIME_DIRECTORY ?? '').split(':').filter((path) => path.startsWith('/'));
  const users = env.XDG_RUNTIME_DIR?.startsWith('/') ? join(env.XDG_RUNTIME_DIR, 'feishu-connector') : undefined;
  const ofJournal = journal && pathOf(['journal', 'directory'], journal.directory);
  const directories = [runtime, ofJournal, users].filter((path) => path !== undefined);
  return { directories };
}

/** Something that shape cannot say. */
export interface SurfaceProblem {
  readonly path: KeyPath;
  readonly expected: string;
  readonly given: string;
  readonly advice: string;
}

const LATER = 'It must be readable at the start; later changes are picked up by themselves.';

/** Everything that is wrong with the options of the surface; with `checksFiles` the files that they name included. */
export async function surfaceProblems(
  raw: RawSurface,
  pathOf: PathOf,
  checksFiles: boolean,
): Promise<SurfaceProblem[]> {
  const { user, password, passwordFile, certFile, keyFile } = raw.http ?? {};
  const { token, tokenFile } = raw.control ?? {};
  const hasPassword = password !== undefined || passwordFile !== undefined;
  return [
    ...both(['http', 'password'], password, 'passwordFile', passwordFile),
    ...both(['control', 'token'], token, 'tokenFile', tokenFile),
    ...halves(['http', 'user'], user !== undefined, hasPassword, 'a user with a password', 'passwordFile'),
    ...halves(
      ['http', password === undefined ? 'passwordFile' : 'password'],
      hasPassword,
      user !== undefined,
      'a password with its user',
      'user',
    ),
    ...halves(
      ['http', 'certFile'],
      certFile !== undefined,
      keyFile !== undefined,
      'a certificate with its key',
      'keyFile',
    ),
    ...halves(
      ['http', 'keyFile'],
      keyFile !== undefined,
      certFile !== undefined,
      'a key with its certificate',
      'certFile',
    ),
    ...(checksFiles ? await fileProblems(raw, pathOf) : []),
  ];
}

async function fileProblems({ http, control }: RawSurface, pathOf: PathOf): Promise<SurfaceProblem[]> {
  return [
    ...(await unfit(['http', 'passwordFile'], http?.passwordFile, pathOf, 'password', isPassword)),
    ...(await unfit(['control', 'tokenFile'], control?.tokenFile, pathOf, 'control token', isToken)),
    ...(await unfitPair(http?.certFile, http?.keyFile, pathOf)),
  ];
}

function both(path: KeyPath, text: unknown, other: string, file: unknown): SurfaceProblem[] {
  if (text === undefined || file === undefined) return [];
  const advice = 'Remove one of the two; the file is the safer one.';
  return [{ path, expected: 'one source of the secret', given: `this and ${other}`, advice }];
}

function halves(path: KeyPath, isOne: boolean, isOther: boolean, expected: string, other: string): SurfaceProblem[] {
  if (!isOne || isOther) return [];
  return [{ path, expected, given: 'half of it', advice: `Add ${other} beside it, or remove this.` }];
}

async function unfit(
  path: KeyPath,
  file: string | undefined,
  pathOf: PathOf,
  what: string,
  isFit: (text: string) => boolean,
): Promise<SurfaceProblem[]> {
  if (file === undefined) return [];
  const expected = `a file with a ${what} that can be read`;
  try {
    if (isFit(await secretFileOf(pathOf(path, file), what)())) return [];
    const { expected: rule = '' } = SURFACE_WORDS[path.join('.').replace(/File$/, '')] ?? {};
    return [{ path, expected: `a file with ${rule}`, given: 'another text there', advice: 'Make a longer one.' }];
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    return [{ path, expected, given: `this: ${error.message}`, advice: LATER }];
  }
}

async function unfitPair(
  certFile: string | undefined,
  keyFile: string | undefined,
  pathOf: PathOf,
): Promise<SurfaceProblem[]> {
  if (certFile === undefined || keyFile === undefined) return [];
  const path = ['http', 'certFile'];
  try {
    await readTlsPair({ certFile: pathOf(path, certFile), keyFile: pathOf(['http', 'keyFile'], keyFile) });
    return [];
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    return [{ path, expected: 'a certificate and its key', given: `this: ${error.message}`, advice: LATER }];
  }
}
