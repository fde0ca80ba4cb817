import { htmlAnswer, jsonAnswer, jsonObject } from './exchange.js';
const RECEIVE_ID_TYPES = ['open_id', 'user_id', 'union_id', 'email', 'chat_id'];
const MAX_PAGE_SIZE = 50;
const MAX_SENT = 10_000;
/**
 * The few API calls that a bot needs: send, reply, history, its own identity, how many of its connections are online, and how
 * it is set up in the developer console.
 */
export class Api {
    #world;
    #tokens;
    #connections;
    #chats;
    #sent = [];
    #routes = [
        route('POST', '/open-apis/im/v1/messages', (call) => this.#create(call)),
        route('POST', '/open-apis/im/v1/messages/:message_id/reply', (call) => this.#reply(call)),
        route('GET', '/open-apis/im/v1/messages', (call) => this.#history(call)),
        route('GET', '/open-apis/im/v1/chats', (call) => this.#chatList(call)),
        route('GET', '/open-apis/bot/v3/info', (call) => this.#bot(call)),
        route('GET', '/open-apis/event/v1/connection', (call) => this.#online(call)),
        route('GET', '/open-apis/application/v6/scopes', (call) => this.#scopes(call)),
        route('GET', '/open-apis/application/v6/applications/:app_id', (call) => this.#application(call)),
    ];
    constructor(world, tokens, connections, chats) {
        this.#world = world;
        this.#tokens = tokens;
        this.#connections = connections;
        this.#chats = chats;
    }
    /** What the bot sent, oldest first; at most the latest 10,000. */
    get sent() {
        return this.#sent.slice(-MAX_SENT);
    }
    answer(request) {
        const { faults, traffic } = this.#world;
        const caller = this.#tokens.authorize(request.headers.authorization);
        const app = 'appId' in caller ? caller : null;
        const subject = { appId: app?.appId ?? null };
        const isHere = (fault) => request.path.startsWith(fault.path ?? '/');
        if (faults.strike('api_hang', subject, isHere)) {
            traffic.record('api', subject.appId, `hung ${request.path}`);
            return { how: 'hung' };
        }
        const afterMs = faults.strike('api_delay', subject, isHere)?.delayMs ?? 0;
        const answer = this.#faultyAnswer(subject, isHere) ?? this.#regularAnswer(request, caller);
        traffic.record('api', subject.appId, `${request.method} ${request.path} ${answer.status}`);
        return { ...answer, afterMs };
    }
    #faultyAnswer(subject, isHere) {
        const { faults } = this.#world;
        const status = faults.strike('api_status', subject, isHere);
        if (status)
            return htmlAnswer(status.status);
        const refused = faults.strike('api_code', subject, isHere);
        if (!refused)
            return null;
        const headers = refused.resetAfterS === undefined ? {} : { 'x-ogw-ratelimit-reset': String(refused.resetAfterS) };
        return jsonAnswer(refused.status ?? 400, { code: refused.code, msg: refused.message ?? 'refused' }, headers);
    }
    #regularAnswer(request, caller) {
        const onPath = this.#routes.flatMap((candidate) => {
            const match = candidate.pattern.exec(request.path);
            return match ? [{ candidate, parameters: match.groups ?? {} }] : [];
        });
        if (onPath.length === 0)
            return jsonAnswer(404, { code: 404, msg: `no such route: ${request.path}` });
        const found = onPath.find(({ candidate }) => candidate.method === request.method);
        if (!found)
            return jsonAnswer(405, { code: 405, msg: `${request.method} is not allowed here` });
        if (!('appId' in caller))
            return caller;
        return found.candidate.answer({ request, app: caller, parameters: found.parameters });
    }
    #create({ request, app }) {
        const receiveIdType = request.query.get('receive_id_type') ?? '';
        if (!RECEIVE_ID_TYPES.includes(receiveIdType))
            return invalid(`receive_id_type must be one of ${RECEIVE_ID_TYPES.join(', ')}`);
        const receiveId = jsonObject(request.body)?.receive_id;
        if (typeof receiveId !== 'string' || receiveId === '')
            return invalid('receive_id must not be empty');
        // A chat with a person has an id of its own; here the person's id stands for it.
        const chatType = receiveIdType === 'chat_id' ? (this.#chats.typeOf(app.appId, receiveId) ?? 'group') : 'p2p';
        return this.#post(app, request.body, { chatId: receiveId, chatType }, receiveIdType, null);
    }
    #reply({ request, app, parameters }) {
        const parent = this.#chats.find(app.appId, parameters.message_id ?? '');
        if (!parent)
            return jsonAnswer(400, { code: 230011, msg: 'the message is withdrawn or does not exist' });
        return this.#post(app, request.body, parent, 'message_id', parent.messageId);
    }
    #post(app, json, { chatId, chatType }, receiveIdType, parentId) {
        const body = jsonObject(json);
        const { msg_type: messageType, content } = body ?? {};
        if (typeof messageType !== 'string' || messageType === '')
            return invalid('msg_type must not be empty');
        if (typeof content !== 'string' || jsonObject(content) === null)
            return jsonAnswer(400, { code: 230001, msg: 'content is not a string of JSON' });
        const message = {
            appId: app.appId,
            receiveIdType,
            messageId: this.#world.ids.prefixed('om'),
            chatId,
            createTime: this.#world.time.wallNow(),
            messageType,
            content,
            senderId: app.appId,
            senderType: 'app',
            parentId,
            chatType,
            mentions: [],
        };
        this.#sent.push(message);
        if (this.#sent.length > MAX_SENT * 1.25)
            this.#sent.splice(0, this.#sent.length - MAX_SENT);
        this.#chats.add(app.appId, message);
        return success(shown(message, app));
    }
    #history({ request, app }) {
        const { query } = request;
        if (query.get('container_id_type') !== 'chat')
            return invalid('container_id_type must be chat');
        const chatId = query.get('container_id') ?? '';
        const startMs = secondsOf(query.get('start_time')) ?? 0;
        const endMs = secondsOf(query.get('end_time')) ?? Number.POSITIVE_INFINITY;
        // Both bounds are whole seconds, and both belong to the range.
        const found = this.#chats
            .of(app.appId)
            .filter(({ chatId: id, createTime }) => id === chatId && createTime >= startMs && createTime < endMs + 1000);
        if (query.get('sort_type') === 'ByCreateTimeDesc')
            found.reverse();
        return this.#page(query, found, (message) => shown(message, app));
    }
    #chatList({ request, app }) {
        const order = request.query.get('sort_type') === 'ByActiveTimeDesc' ? 'latest' : 'first';
        return this.#page(request.query, this.#chats.groupIds(app.appId, order), (chatId) => ({
            chat_id: chatId,
            name: chatId,
            tenant_key: app.tenantKey,
            chat_status: 'normal',
        }));
    }
    #page(query, all, show) {
        const pageSize = Number(query.get('page_size') ?? 20);
        if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_PAGE_SIZE)
            return invalid(`page_size must be an integer from 1 to ${MAX_PAGE_SIZE}`);
        const start = Number(query.get('page_token') || 0);
        if (!Number.isInteger(start) || start < 0)
            return invalid('page_token is not one of ours');
        const end = start + pageSize;
        const has_more = end < all.length;
        return success({ has_more, page_token: has_more ? String(end) : '', items: all.slice(start, end).map(show) });
    }
    #bot({ app }) {
        const bot = {
            activate_status: 2,
            app_name: 'Simulator bot',
            avatar_url: '',
            ip_white_list: [],
            open_id: botOpenId(app.appId),
        };
        return jsonAnswer(200, { code: 0, msg: 'ok', bot });
    }
    #online({ app }) {
        const { faults } = this.#world;
        const isCounted = (connection) => faults.find('mute', { appId: app.appId, connection }, (mute) => mute.isUncounted === true) === null;
        return success({ online_instance_cnt: this.#connections.routed(app.appId).filter(isCounted).length });
    }
    #scopes({ app }) {
        const isGranted = this.#mistake(app) !== 'no_scopes';
        return success({ scopes: SCOPES.map((scope_name) => ({ scope_name, grant_status: isGranted ? 1 : 2 })) });
    }
    #application({ app, parameters, request }) {
        const { app_id } = parameters;
        if (app_id !== 'me' && app_id !== app.appId)
            return jsonAnswer(400, { code: 210504, msg: 'no such app' });
        if (!request.query.get('lang'))
            return invalid('lang is required');
        const mistake = this.#mistake(app);
        if (mistake === 'hidden') {
            const msg = 'Access denied. One of the following scopes is required: [application:application:self_manage, admin:app.info:readonly].';
            return jsonAnswer(400, { code: 99991672, msg });
        }
        const event = {
            subscription_type: mistake === 'webhook' ? 'webhook' : 'websocket',
            request_url: mistake === 'webhook' ? 'https://bot.invalid/webhook/event' : '',
            subscribed_events: mistake === 'no_events' ? [] : ['im.message.receive_v1'],
        };
        const callback = {
            callback_type: event.subscription_type,
            request_url: event.request_url,
            subscribed_callbacks: [],
        };
        return success({ app: { app_id: app.appId, status: 1, app_name: 'Simulator bot', event, callback } });
    }
    #mistake({ appId }) {
        return this.#world.faults.find('console_wrong', { appId })?.fault.what ?? null;
    }
}
/** What a bot asks for that answers messages, and reads those that it missed. */
const SCOPES = [
    'im:message.p2p_msg:readonly',
    'im:message.group_at_msg:readonly',
    'im:message:readonly',
    'im:message:send_as_bot',
    'im:chat:readonly',
];
/** The bot's own id, which mentions of it carry. */
export function botOpenId(appId) {
    return `ou_${appId.slice(4).padEnd(32, '0')}`;
}
function route(method, path, answer) {
    const pattern = new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    return { method, pattern, answer };
}
function success(content) {
    return jsonAnswer(200, { code: 0, msg: 'success', data: content });
}
function invalid(why) {
    return jsonAnswer(400, { code: 230001, msg: `Your request contains an invalid request parameter: ${why}.` });
}
function secondsOf(text) {
    const seconds = text === null || text === '' ? Number.NaN : Number(text);
    return Number.isFinite(seconds) ? seconds * 1000 : null;
}
function shown(message, app) {
    const { messageId, chatId, createTime, messageType, content, senderId, senderType, parentId, mentions } = message;
    return {
        message_id: messageId,
        ...(parentId === null ? {} : { root_id: parentId, parent_id: parentId }),
        msg_type: messageType,
        create_time: String(createTime),
        update_time: String(createTime),
        deleted: false,
        updated: false,
        chat_id: chatId,
        sender: {
            id: senderId,
            id_type: senderType === 'app' ? 'app_id' : 'open_id',
            sender_type: senderType,
            tenant_key: app.tenantKey,
        },
        body: { content },
        ...(mentions.length > 0 && {
            mentions: mentions.map(({ key, openId, name }) => ({
                key,
                id: openId,
                id_type: 'open_id',
                name,
                tenant_key: app.tenantKey,
            })),
        }),
    };
}
