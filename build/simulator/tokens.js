import { htmlAnswer, hugeBody, jsonAnswer, jsonObject } from './exchange.js';
/** While this much is left, the same token is returned [doc]. */
const REUSE_ABOVE_MS = 30 * 60_000;
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** Tokens kept per app: a short `expire` makes one per call, and none lives longer than two hours. */
const MAX_TOKENS = 1000;
/** Issues and checks tenant access tokens (docs/protocol.md, section 7). */
export class Tokens {
    #world;
    /** Oldest first, per app. */
    #tokens = new Map();
    constructor(world) {
        this.#world = world;
    }
    /** `POST /open-apis/auth/v3/tenant_access_token/internal` */
    answer(request) {
        const body = jsonObject(request.body);
        const appId = typeof body?.app_id === 'string' ? body.app_id : null;
        return this.#answer(appId, () => this.#regularAnswer(appId, body));
    }
    /** `POST /oauth/v3/token`: a client assertion for a token. */
    exchange(request) {
        const body = jsonObject(request.body);
        const appId = typeof body?.client_id === 'string' ? body.client_id : null;
        return this.#answer(appId, () => this.#exchanged(appId, body));
    }
    #answer(appId, regular) {
        const { faults } = this.#world;
        const subject = { appId };
        if (faults.strike('token_hang', subject)) {
            this.#count(appId, 'hung');
            return { how: 'hung' };
        }
        const afterMs = faults.strike('token_delay', subject)?.delayMs ?? 0;
        const answer = this.#faultyAnswer(appId) ?? regular();
        return { ...answer, afterMs };
    }
    /** What an API call's `authorization` header is worth: an app, or the answer that refuses the call. */
    authorize(authorization) {
        const text = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
        if (text === undefined)
            return refusal(99991661, 'Missing access token for authorization.');
        if (!/^t-/.test(text))
            return refusal(99991671, 'Invalid access token for authorization: malformed prefix.');
        const now = this.#world.time.now();
        for (const tokens of this.#tokens.values()) {
            const token = tokens.find((candidate) => candidate.text === text && candidate.expiresAt > now);
            const app = token && this.#world.apps.get(token.appId);
            if (app)
                return app;
        }
        return refusal(99991663, 'Invalid access token for authorization: expired or revoked.');
    }
    /** Makes every token void, of one app or of all. */
    revoke(appId) {
        if (appId === undefined)
            this.#tokens.clear();
        else
            this.#tokens.delete(appId);
    }
    #faultyAnswer(appId) {
        const { faults } = this.#world;
        const subject = { appId };
        const status = faults.strike('token_status', subject);
        if (status) {
            this.#count(appId, `http_${status.status}`);
            return htmlAnswer(status.status);
        }
        const broken = faults.strike('token_body', subject);
        if (broken) {
            this.#count(appId, `body_${broken.body}`);
            return brokenTokenAnswer(broken.body);
        }
        const refused = faults.strike('token_code', subject);
        if (!refused)
            return null;
        this.#count(appId, String(refused.code));
        return jsonAnswer(refused.status ?? 200, {
            code: refused.code,
            msg: refused.message ?? 'refused by the simulator',
        });
    }
    #regularAnswer(appId, body) {
        const secret = body?.app_secret;
        if (appId === null || typeof secret !== 'string' || secret === '') {
            this.#count(appId, '10003');
            return jsonAnswer(400, { code: 10003, msg: 'invalid param' });
        }
        const app = this.#world.apps.get(appId);
        if (!app || app.appSecret !== secret) {
            const code = app ? 10015 : 10014;
            this.#count(appId, String(code));
            return jsonAnswer(200, { code, msg: app ? 'app secret invalid' : 'app id or app secret invalid' });
        }
        const { text, expire } = this.#granted(appId);
        return jsonAnswer(200, { code: 0, msg: 'ok', tenant_access_token: text, expire });
    }
    /** As RFC 6749, section 5, and RFC 7523 have it; the platform's own words for a refusal are not known. */
    #exchanged(appId, body) {
        if (appId === null || body?.grant_type !== JWT_BEARER) {
            this.#count(appId, 'unsupported_grant_type');
            return jsonAnswer(400, {
                error: 'unsupported_grant_type',
                error_description: `grant_type must be ${JWT_BEARER}`,
            });
        }
        const assertion = this.#world.apps.get(appId)?.clientAssertion ?? null;
        if (assertion === null || body.client_assertion !== assertion) {
            this.#count(appId, 'invalid_client');
            return jsonAnswer(401, { error: 'invalid_client', error_description: 'the client assertion is not valid' });
        }
        const { text, expire } = this.#granted(appId);
        return jsonAnswer(200, { access_token: text, token_type: 'Bearer', expires_in: expire });
    }
    #granted(appId) {
        this.#count(appId, 'ok');
        const { text, expiresAt } = this.#current(appId);
        return { text, expire: Math.floor((expiresAt - this.#world.time.now()) / 1000) };
    }
    #current(appId) {
        const now = this.#world.time.now();
        const living = (this.#tokens.get(appId) ?? []).filter((token) => token.expiresAt > now).slice(-MAX_TOKENS);
        const short = this.#world.faults.strike('token_expire', { appId });
        const latest = living.at(-1);
        if (latest && !short && latest.expiresAt - now >= REUSE_ABOVE_MS) {
            this.#tokens.set(appId, living);
            return latest;
        }
        const lifetimeMs = short?.lifetimeMs ?? this.#world.settings.tokenLifetimeMs;
        const token = { appId, text: `t-${this.#world.ids.hex(40)}`, expiresAt: now + lifetimeMs };
        this.#tokens.set(appId, [...living, token]);
        return token;
    }
    #count(appId, outcome) {
        this.#world.traffic.record('token', appId, outcome);
    }
}
function refusal(code, msg) {
    return jsonAnswer(400, { code, msg, error: { log_id: '', troubleshooter: '' } });
}
function brokenTokenAnswer(body) {
    const json = (text) => ({ ...jsonAnswer(200, null), body: text });
    switch (body) {
        case 'html':
            return htmlAnswer(200);
        case 'empty':
            return json('');
        case 'truncated':
            return json('{"code":0,"msg":"ok","tenant_access_tok');
        case 'no_token':
            return json('{"code":0,"msg":"ok","expire":7200}');
        case 'no_expire':
            return json('{"code":0,"msg":"ok","tenant_access_token":"t-without-expire"}');
        case 'object':
            return json('{}');
        case 'huge':
            return json(hugeBody());
    }
}
