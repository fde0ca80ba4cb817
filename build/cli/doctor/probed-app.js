import { createNetwork, secretOf } from '../../adapters/index.js';
import { lookIntoJournal } from '../../connector-journal-survey.js';
import { baseUrlOf } from '../../connector-options.js';
/** An app of the configuration, as doctor goes the way of its connection. */
export function probedApp(config, openWayOut) {
    const { app, appId, appSecret, appSecretFile, domain, journal } = config;
    const given = appSecretFile === undefined ? { appSecret: appSecret ?? '' } : { appSecretFile };
    return {
        app,
        appId,
        baseUrl: baseUrlOf(domain),
        secret: secretOf(given),
        secretOrigin: appSecretFile === undefined ? 'the configuration' : `the file ${appSecretFile}`,
        openWayOut: () => openWayOut(config),
        lookIntoJournal: journal === undefined ? null : () => lookIntoJournal(journal),
    };
}
/** The same rules as when it runs. */
export function wayOutOf({ proxy, caFile }) {
    return createNetwork({ ...(proxy !== undefined && { proxy }), ...(caFile !== undefined && { caFile }) });
}
