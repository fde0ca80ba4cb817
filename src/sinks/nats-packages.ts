import { firstLineOf } from '../ports/index.js';

/**
 * The packages of the NATS client, once they are loaded. No type that the package's users see leads here: where these
 * optional dependencies are not installed, their declarations are missing too.
 */
export interface NatsPackages {
  readonly transport: typeof import('@nats-io/transport-node');
  readonly jetstream: typeof import('@nats-io/jetstream');
}

/** @throws Error saying what to install. */
export async function loadNats(): Promise<NatsPackages> {
  try {
    const [transport, jetstream] = await Promise.all([import('@nats-io/transport-node'), import('@nats-io/jetstream')]);
    return { transport, jetstream };
  } catch (error) {
    throw new Error(
      `the JetStream sink needs two packages that cannot be loaded (${firstLineOf(error)}): npm install @nats-io/transport-node @nats-io/jetstream`,
      { cause: error },
    );
  }
}
