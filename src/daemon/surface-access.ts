import { secretFileOf } from '../adapters/index.js';
import { SecretError, type SecretSource } from '../ports/index.js';
import { isSameSecret } from './same-secret.js';
import type { Audience } from './surface-routes.js';
import { type GivenSecret, isPassword, isToken, type SurfaceSettings } from './surface-settings.js';

/** What a request may ask for: what its audience may, and all that come before it. `stranger`: nothing but what is for anyone. */
export type Standing = 'stranger' | 'reader' | 'control';

/** What an Authorization header is worth. */
export interface Recognition {
  readonly standing: Standing;
  /** Whether it named credentials that are none of ours. */
  readonly isWrong: boolean;
  /** Whether they were compared with a secret: without one there is nothing to guess. */
  readonly isCompared: boolean;
}

/** Who may do what, by what they know. Secrets in files are read again when those change. */
export class SurfaceAccess {
  readonly hasPassword: boolean;
  readonly hasToken: boolean;
  readonly #user: string;
  readonly #password: SecretSource | null;
  readonly #token: SecretSource | null;

  constructor({ basic, token }: Pick<SurfaceSettings, 'basic' | 'token'>) {
    this.#user = basic?.user ?? '';
    this.#password = basic && sourceOf(basic.password, 'password', isPassword);
    this.#token = token && sourceOf(token, 'control token', isToken);
    this.hasPassword = this.#password !== null;
    this.hasToken = this.#token !== null;
  }

  /**
   * Who sends this header, as far as that can be told.
   * @throws SecretError where the secret to compare it with cannot be read: nobody is let in then.
   */
  async recognize(authorization: string | undefined): Promise<Recognition> {
    const nobody: Standing = this.hasPassword ? 'stranger' : 'reader';
    if (authorization === undefined) return { standing: nobody, isWrong: false, isCompared: false };
    const [, scheme = '', credentials = ''] = /^([A-Za-z]+) +(\S+) *$/.exec(authorization) ?? [];
    switch (scheme.toLowerCase()) {
      case 'bearer':
        if (this.#token === null) break;
        if (!isSameSecret(credentials, await this.#token()))
          return { standing: nobody, isWrong: true, isCompared: true };
        return { standing: 'control', isWrong: false, isCompared: true };
      case 'basic': {
        const given = Buffer.from(credentials, 'base64').toString('utf8');
        if (this.#password === null) break;
        const isRight = isSameSecret(given, `${this.#user}:${await this.#password()}`);
        return { standing: isRight ? 'reader' : nobody, isWrong: !isRight, isCompared: true };
      }
    }
    return { standing: nobody, isWrong: true, isCompared: false };
  }

  /** Reads every secret once, to find out now what would fail later. @throws SecretError */
  async check(): Promise<void> {
    await this.#password?.();
    await this.#token?.();
  }
}

const ORDER: readonly (Audience | Standing)[] = ['stranger', 'reader', 'control'];

/** Whether somebody of this standing belongs to the audience. */
export function isAdmitted(standing: Standing, audience: Audience): boolean {
  return audience === 'anyone' || ORDER.indexOf(standing) >= ORDER.indexOf(audience);
}

function sourceOf(given: GivenSecret, what: string, isFit: (text: string) => boolean): SecretSource {
  const isFile = 'file' in given;
  const read: SecretSource = isFile ? secretFileOf(given.file, what) : async () => given.text;
  return async () => {
    const secret = await read();
    if (isFit(secret)) return secret;
    throw new SecretError(`the ${what}${isFile ? ` in ${given.file}` : ''} is too short, or holds what no header can`);
  };
}
