import { changedConfig } from './client-config.js';
import { htmlAnswer, hugeBody, jsonAnswer, jsonObject } from './exchange.js';
/** Answers `POST /callback/ws/endpoint` (docs/protocol.md, section 1). */
export class Discovery {
    #world;
    #tickets;
    constructor(world, tickets) {
        this.#world = world;
        this.#tickets = tickets;
    }
    answer(request) {
        const { faults, traffic } = this.#world;
        // The Go SDK sends no content type: the body counts, whatever it is called.
        const body = jsonObject(request.body);
        const appId = typeof body?.AppID === 'string' ? body.AppID : null;
        if (faults.strike('discovery_hang', { appId })) {
            traffic.record('discovery', appId, 'hung');
            return { how: 'hung' };
        }
        const afterMs = faults.strike('discovery_delay', { appId })?.delayMs ?? 0;
        const answer = this.#faultyAnswer(appId, request.origin) ?? this.#regularAnswer(appId, body, request.origin);
        return { ...answer, afterMs };
    }
    #faultyAnswer(appId, origin) {
        const { faults, traffic } = this.#world;
        const status = faults.strike('discovery_status', { appId });
        if (status) {
            traffic.record('discovery', appId, `http_${status.status}`);
            return htmlAnswer(status.status);
        }
        const broken = faults.strike('discovery_body', { appId });
        if (broken) {
            traffic.record('discovery', appId, `body_${broken.body}`);
            return this.#brokenAnswer(broken.body, appId, origin);
        }
        const refused = faults.strike('discovery_code', { appId });
        return refused ? this.#refusal(appId, refused.code, refused.message ?? 'refused', refused.shape) : null;
    }
    #regularAnswer(appId, body, origin) {
        const given = credentialOf(body);
        if (!appId || given === null)
            return this.#refusal(appId, 1000040344, 'app_id or app_secret is empty');
        const app = this.#world.apps.get(appId);
        if (!app || app[given.kind] !== given.value)
            return this.#refusal(appId, 1000040345, 'app_id or app_secret is invalid');
        const { clientConfig } = this.#world.settings;
        const change = this.#world.faults.strike('discovery_config', { appId });
        const config = change ? changedConfig(clientConfig, change.config) : { ...clientConfig };
        this.#world.traffic.record('discovery', appId, 'ok');
        return jsonAnswer(200, {
            code: 0,
            msg: '',
            data: {
                URL: this.#tickets.issue(app, origin, config),
                ClientConfig: config,
            },
        });
    }
    #refusal(appId, code, msg, shape = 'object') {
        this.#world.traffic.record('discovery', appId, String(code));
        // With data null or absent the Node SDK never gets to look at the code.
        if (shape === 'absent')
            return jsonAnswer(200, { code, msg });
        return jsonAnswer(200, { code, msg, data: shape === 'null' ? null : {} });
    }
    #brokenAnswer(body, appId, origin) {
        const json = (text) => ({ ...jsonAnswer(200, null), body: text });
        const { clientConfig } = this.#world.settings;
        const app = appId === null ? undefined : this.#world.apps.get(appId);
        switch (body) {
            case 'html':
                return htmlAnswer(200);
            case 'empty':
                return json('');
            case 'truncated':
                return json('{"code":0,"msg":"","data":{"URL":"wss://');
            case 'object':
                return json('{}');
            case 'huge':
                return json(hugeBody());
            case 'no_url':
                return jsonAnswer(200, { code: 0, msg: '', data: { ClientConfig: clientConfig } });
            case 'no_config':
                return jsonAnswer(200, { code: 0, msg: '', data: app ? { URL: this.#tickets.issue(app, origin, {}) } : {} });
        }
    }
}
/** What the body proves its sender with; null: nothing. An assertion comes with an empty secret, or with none. */
function credentialOf(body) {
    const { AppSecret: secret, ClientAssertion: assertion } = body ?? {};
    if (typeof secret === 'string' && secret !== '')
        return { kind: 'appSecret', value: secret };
    if (typeof assertion === 'string' && assertion !== '')
        return { kind: 'clientAssertion', value: assertion };
    return null;
}
