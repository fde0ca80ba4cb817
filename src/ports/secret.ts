/**
 * Reads the app secret, afresh at every use, so that a rotated secret is picked up without a restart.
 * Rejects with a {@link SecretError} alone, and settles within a few seconds.
 */
export type SecretSource = () => Promise<string>;

/** Why there is no secret: what failed, where, and what to do. The message never holds the secret. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}
