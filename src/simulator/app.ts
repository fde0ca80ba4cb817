/** The credentials of one app on the simulated platform. */
export interface AppCredentials {
  /** `cli_` and 16 hexadecimal digits: the Node SDK refuses anything else without asking the server. */
  readonly appId: string;
  readonly appSecret: string;
  /** The client assertion that counts as well, for clients without a secret. Left out: none does. */
  readonly clientAssertion?: string;
}

/** The app that exists unless others are named. Its secret protects nothing. */
export const DEFAULT_APP: AppCredentials = {
  appId: 'cli_a1b2c3d4e5f60718',
  appSecret: 'simulator-secret-of-no-worth',
};

const APP_ID = /^cli_[0-9a-fA-F]{16}$/;

/** One app as the platform knows it. */
export interface App {
  readonly appId: string;
  appSecret: string;
  /** Null: no assertion counts. */
  readonly clientAssertion: string | null;
  /** int32: the `service_id` of its socket URLs. */
  readonly service: number;
  readonly tenantKey: string;
}

/** @throws RangeError for an id that no official SDK would accept, an empty secret, or an id given twice. */
export function openApps(credentials: readonly AppCredentials[]): Map<string, App> {
  const apps = new Map<string, App>();
  for (const { appId, appSecret, clientAssertion = null } of credentials) {
    if (!APP_ID.test(appId)) throw new RangeError(`appId must be cli_ and 16 hexadecimal digits, got "${appId}"`);
    if (appSecret === '') throw new RangeError(`the secret of ${appId} must not be empty`);
    if (apps.has(appId)) throw new RangeError(`${appId} is given twice`);
    apps.set(appId, {
      appId,
      appSecret,
      clientAssertion,
      service: 33_554_678 + apps.size,
      tenantKey: '2ca1d211f64f6438',
    });
  }
  if (apps.size === 0) throw new RangeError('apps must hold at least one app');
  return apps;
}
