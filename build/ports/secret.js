/** Why there is no secret: what failed, where, and what to do. The message never holds the secret. */
export class SecretError extends Error {
    name = 'SecretError';
}
