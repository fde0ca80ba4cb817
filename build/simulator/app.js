/** The app that exists unless others are named. Its secret protects nothing. */
export const DEFAULT_APP = {
    appId: 'cli_a1b2c3d4e5f60718',
    appSecret: 'simulator-secret-of-no-worth',
};
const APP_ID = /^cli_[0-9a-fA-F]{16}$/;
/** @throws RangeError for an id that no official SDK would accept, an empty secret, or an id given twice. */
export function openApps(credentials) {
    const apps = new Map();
    for (const { appId, appSecret, clientAssertion = null } of credentials) {
        if (!APP_ID.test(appId))
            throw new RangeError(`appId must be cli_ and 16 hexadecimal digits, got "${appId}"`);
        if (appSecret === '')
            throw new RangeError(`the secret of ${appId} must not be empty`);
        if (apps.has(appId))
            throw new RangeError(`${appId} is given twice`);
        apps.set(appId, {
            appId,
            appSecret,
            clientAssertion,
            service: 33_554_678 + apps.size,
            tenantKey: '2ca1d211f64f6438',
        });
    }
    if (apps.size === 0)
        throw new RangeError('apps must hold at least one app');
    return apps;
}
