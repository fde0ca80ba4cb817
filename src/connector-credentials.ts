import { assertionOf, secretOf } from './adapters/index.js';
import { type ConnectorOptions, checked } from './connector-options.js';
import type { Credentials } from './ports/index.js';

/**
 * How the app of these options proves who it is. Nothing is read or asked yet.
 * @throws ConnectorError `bad_option` for a secret that could never be one.
 */
export function credentialsOf(options: ConnectorOptions): Credentials {
  const { appSecret, appSecretFile, clientAssertionProvider } = options;
  if (clientAssertionProvider !== undefined) return { assertion: assertionOf(clientAssertionProvider) };
  return {
    secret: checked(() =>
      secretOf({
        ...(appSecret !== undefined && { appSecret }),
        ...(appSecretFile !== undefined && { appSecretFile }),
      }),
    ),
  };
}
