/** Every parameter of the SDK; a new one in a later version fails the build here. */
const SDK_NAMES = {
    appId: true,
    appSecret: true,
    clientAssertionProvider: true,
    domain: true,
    logger: true,
    loggerLevel: true,
    httpInstance: true,
    autoReconnect: true,
    agent: true,
    source: true,
    extraUaTags: true,
    onReady: true,
    onError: true,
    onReconnecting: true,
    onReconnected: true,
    handshakeTimeoutMs: true,
    wsConfig: true,
};
export function sortParameters({ seams: _seams, ...parameters }) {
    const extras = Object.entries(parameters).filter(([name, value]) => !(name in SDK_NAMES) && value !== undefined);
    return { sdk: parameters, extras: Object.fromEntries(extras) };
}
/**
 * The connector's options for these parameters; dispatcher, logger and seams come on top.
 * Limits given as the connector's options win over the SDK's coarser ones.
 */
export function optionsOf({ sdk, extras }) {
    const { appId, appSecret, clientAssertionProvider, domain, handshakeTimeoutMs, wsConfig } = sdk;
    // Zero means off in the SDK. Off is what lets a connection die unnoticed, so our default stays.
    const answerTimeoutMs = (wsConfig?.pingTimeout ?? 0) * 1_000;
    return {
        ...extras,
        appId,
        // Given both, the SDK signs in without the secret as well.
        ...(clientAssertionProvider !== undefined ? { clientAssertionProvider } : appSecret !== undefined && { appSecret }),
        userAgentTags: tagsOf(sdk),
        ...(domain !== undefined && { domain: domainOf(domain) }),
        connection: {
            ...(handshakeTimeoutMs !== undefined && handshakeTimeoutMs > 0 && { dialTimeoutMs: handshakeTimeoutMs }),
            ...(answerTimeoutMs > 0 && { answerTimeoutMs }),
            ...extras.connection,
        },
    };
}
/** As the SDK writes them: what no product token may hold becomes `_`. */
function tagsOf({ source, extraUaTags = [] }) {
    const clean = (tag) => tag.replace(/[^\w.-]/g, '_').slice(0, 64);
    const tags = extraUaTags.map(clean).filter((tag) => tag !== '');
    return source ? [`source/${clean(source)}`, ...tags] : tags;
}
/** The SDK's `Domain` is an enum of numbers; its values are written here so that the SDK need not be loaded. */
function domainOf(domain) {
    if (domain === 0)
        return 'feishu';
    return domain === 1 ? 'lark' : String(domain);
}
