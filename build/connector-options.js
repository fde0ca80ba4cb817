import { checkNetworkOptions } from './adapters/index.js';
import { DEFAULT_CONNECTION_POLICY, resolveConnectionPolicy } from './connection/index.js';
import { resolveCatchupOptions } from './connector-catchup.js';
import { ConnectorError } from './connector-error.js';
import { resolveJournalOptions } from './connector-journal.js';
import { MOST_CONNECTIONS } from './connector-limits.js';
import { DELIVERY_DEFAULTS, resolveDeliveryPolicy, } from './delivery/index.js';
import { resolveTokenPolicy, TOKEN_DEFAULTS } from './token/index.js';
/** The base URLs of the platform. */
export const DOMAINS = Object.freeze({
    feishu: 'https://open.feishu.cn',
    lark: 'https://open.larksuite.com',
});
const OPTION_NAMES = {
    appId: true,
    appSecret: true,
    appSecretFile: true,
    clientAssertionProvider: true,
    oauthBaseUrl: true,
    domain: true,
    proxy: true,
    ca: true,
    caFile: true,
    handlers: true,
    eventDispatcher: true,
    sink: true,
    journal: true,
    catchup: true,
    app: true,
    connections: true,
    userAgentTags: true,
    connection: true,
    token: true,
    delivery: true,
    logger: true,
    registry: true,
    seams: true,
};
/**
 * Checks what the caller gave before anything starts.
 * @throws ConnectorError `bad_option`, naming the option, what was expected and what was given.
 */
export function resolveOptions(options) {
    for (const name of Object.keys(options)) {
        if (!(name in OPTION_NAMES))
            bad(`unknown option ${name}; known are ${Object.keys(OPTION_NAMES).join(', ')}`);
    }
    const { appId, journal, app = appId, userAgentTags = [], oauthBaseUrl } = options;
    if (typeof appId !== 'string' || !/^cli_[0-9a-f]{16}$/i.test(appId)) {
        bad(`appId must be cli_ and 16 hexadecimal digits, as the developer console shows it, got ${JSON.stringify(appId)}`);
    }
    refuseCredentials(options);
    if (!Array.isArray(userAgentTags) || userAgentTags.length > 8 || !userAgentTags.every(isTag)) {
        bad(`userAgentTags must be at most 8 words of letters, digits, . _ / -, got ${JSON.stringify(userAgentTags)}`);
    }
    const destinations = ['handlers', 'eventDispatcher', 'sink'].filter((name) => options[name] !== undefined);
    if (destinations.length === 0)
        bad('one of handlers, eventDispatcher and sink is needed');
    if (destinations.length > 1)
        bad(`${destinations.join(' and ')} exclude each other`);
    if (typeof app !== 'string' || app === '' || app.length > 100)
        bad('app must be 1 to 100 characters');
    const { connections = 1 } = options;
    if (!Number.isInteger(connections) || connections < 1 || connections > MOST_CONNECTIONS) {
        bad(`connections must be a whole number from 1 to ${MOST_CONNECTIONS}, got ${connections}`);
    }
    // A misspelt limit would be without effect, and without a word.
    refuseUnknown('connection', options.connection, DEFAULT_CONNECTION_POLICY);
    refuseUnknown('token', options.token, TOKEN_DEFAULTS);
    refuseUnknown('delivery', options.delivery, DELIVERY_DEFAULTS);
    const delivery = checked(() => resolveDeliveryPolicy(options.delivery, journal !== undefined));
    const resolvedJournal = journal === undefined ? null : checked(() => resolveJournalOptions(journal));
    const grounds = {
        hasJournal: resolvedJournal !== null,
        rememberedMs: resolvedJournal?.retentionMs ?? delivery.deduplicationMaxAgeMs,
    };
    return {
        appId,
        app,
        baseUrl: baseUrlOf(options.domain ?? 'feishu'),
        connections,
        userAgentTags,
        oauthBaseUrl: oauthBaseUrl === undefined ? null : httpBaseOf('oauthBaseUrl', oauthBaseUrl),
        connection: checked(() => resolveConnectionPolicy(options.connection)),
        token: checked(() => resolveTokenPolicy(options.token)),
        delivery,
        journal: resolvedJournal,
        catchup: checked(() => resolveCatchupOptions(options.catchup, grounds)),
        network: checked(() => networkOf(options)),
    };
}
function networkOf({ proxy, ca, caFile }) {
    const given = {
        ...(proxy !== undefined && { proxy }),
        ...(ca !== undefined && { ca }),
        ...(caFile !== undefined && { caFile }),
    };
    checkNetworkOptions(given);
    return given;
}
/**
 * The base URL of a domain, without a trailing slash.
 * @throws ConnectorError `bad_option` for anything that is neither a known domain nor an http(s) URL without query.
 */
export function baseUrlOf(domain) {
    if (domain === 'feishu' || domain === 'lark')
        return DOMAINS[domain];
    return httpBaseOf('domain', domain, 'feishu, lark or ');
}
function httpBaseOf(option, given, others = '') {
    const url = URL.canParse(given) ? new URL(given) : null;
    if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '' || url.username !== '') {
        bad(`${option} must be ${others}a base URL such as http://127.0.0.1:7777, got ${JSON.stringify(given)}`);
    }
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
function refuseCredentials(options) {
    const given = ['appSecret', 'appSecretFile', 'clientAssertionProvider'].filter((name) => options[name] !== undefined);
    if (given.length === 0)
        bad('either appSecret or appSecretFile is needed, or a clientAssertionProvider');
    if (given.length > 1)
        bad(`${given.join(' and ')} exclude each other`);
    const { clientAssertionProvider, oauthBaseUrl } = options;
    if (oauthBaseUrl !== undefined && clientAssertionProvider === undefined) {
        bad('oauthBaseUrl goes with a clientAssertionProvider alone: a secret is exchanged at the domain');
    }
    if (clientAssertionProvider !== undefined && typeof clientAssertionProvider.retrieveToken !== 'function') {
        bad('clientAssertionProvider must have a method retrieveToken(audience) that gives { value }');
    }
}
function isTag(tag) {
    return typeof tag === 'string' && /^[\w./-]{1,80}$/.test(tag);
}
function refuseUnknown(option, given, known) {
    for (const name of Object.keys(given ?? {})) {
        if (!Object.hasOwn(known, name)) {
            bad(`unknown option ${option}.${name}; known are ${Object.keys(known).join(', ')}`);
        }
    }
}
/** What `resolve` gives; what it throws becomes a ConnectorError `bad_option`, with the same words. */
export function checked(resolve) {
    try {
        return resolve();
    }
    catch (error) {
        throw new ConnectorError('bad_option', error instanceof Error ? error.message : String(error), { cause: error });
    }
}
function bad(message) {
    throw new ConnectorError('bad_option', message);
}
