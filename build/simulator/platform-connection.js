/** What a half-open socket holds back, each way; beyond that the frozen peers' buffers are full and bytes are lost. */
const MAX_HELD = 10_000;
/**
 * One accepted socket, on the platform's side. Half-open it keeps everything that would go in or out, in order, as TCP
 * does when the network between forgets it; thawed, everything flows.
 */
export class PlatformConnection {
    /** `device_id` of its URL. */
    id;
    /** Counts all connections of the platform, from 1. */
    number;
    appId;
    service;
    /** Monotonic milliseconds. */
    openedAt;
    /** The latest protocol ping, or the opening. */
    pingedAt;
    /** The longest pause between pings that this client was ever told, in milliseconds. */
    pingIntervalMs;
    #time;
    #line;
    #hooks;
    #timers = new Set();
    #isEnded = false;
    #isFrozen = false;
    #isPeerGone = false;
    #heldOut = [];
    #heldIn = [];
    constructor(identity, time, line, hooks) {
        this.id = identity.id;
        this.number = identity.number;
        this.appId = identity.appId;
        this.service = identity.service;
        this.openedAt = time.now();
        this.pingedAt = this.openedAt;
        this.pingIntervalMs = identity.pingIntervalMs;
        this.#time = time;
        this.#line = line;
        this.#hooks = hooks;
    }
    /** Whether the platform holds it for alive; half-open counts. */
    get isOpen() {
        return !this.#isEnded;
    }
    get isFrozen() {
        return this.#isFrozen;
    }
    send(bytes) {
        if (!this.#isEnded)
            this.#out(() => this.#line.send(bytes));
    }
    sendText(text) {
        if (!this.#isEnded)
            this.#out(() => this.#line.sendText(text));
    }
    pong(payload) {
        if (!this.#isEnded)
            this.#out(() => this.#line.pong(payload));
    }
    /** Calls `act` later, unless the connection has ended by then. */
    after(delayMs, act) {
        const timer = this.#time.timer(delayMs, () => {
            this.#timers.delete(timer);
            act();
        });
        this.#timers.add(timer);
    }
    close(code, reason) {
        if (this.#isEnded)
            return;
        this.#out(() => this.#line.close(code, reason));
        this.#end(`close_${code}`);
    }
    reset(outcome = 'reset') {
        if (this.#isEnded)
            return;
        this.#out(() => this.#line.reset());
        this.#end(outcome);
    }
    /** Half-open from now on. */
    freeze() {
        if (this.#isFrozen || this.#isEnded)
            return;
        this.#isFrozen = true;
        this.#line.setReading(false);
    }
    /** The network remembers: everything held back flows, what the platform sent first. */
    thaw() {
        if (!this.#isFrozen)
            return;
        this.#isFrozen = false;
        this.#line.setReading(true);
        const held = [...this.#heldOut, ...this.#heldIn];
        this.#heldOut = [];
        this.#heldIn = [];
        for (const act of held)
            act();
    }
    /** From the face: a binary message came. */
    received(bytes) {
        this.#in(() => this.#hooks.message(this, bytes));
    }
    /** From the face: a text message came. */
    receivedText(length) {
        this.#in(() => this.#hooks.text(this, length));
    }
    /** From the face: an RFC 6455 ping came. */
    pinged(payload) {
        this.#in(() => this.#hooks.pinged(this, payload));
    }
    /** From the face: the client closed, or TCP broke. */
    ended(end) {
        this.#isPeerGone = true;
        if (this.#isFrozen && this.#isEnded) {
            // Both sides have forgotten it: nobody will ever thaw it.
            this.#isFrozen = false;
            this.#heldOut = [];
            this.#heldIn = [];
            this.#line.reset();
            this.#hooks.buried(this);
            return;
        }
        this.#in(() => {
            if (end.how === 'closed')
                this.#line.answerClose(end.code, end.reason);
            this.#end(end.how === 'closed' ? `client_close_${end.code}` : 'client_reset');
        });
    }
    #out(act) {
        if (!this.#isFrozen)
            act();
        else if (this.#heldOut.length < MAX_HELD)
            this.#heldOut.push(act);
    }
    #in(act) {
        const guarded = () => {
            if (!this.#isEnded)
                act();
        };
        if (!this.#isFrozen)
            guarded();
        else if (this.#heldIn.length < MAX_HELD)
            this.#heldIn.push(guarded);
    }
    #end(outcome) {
        this.#isEnded = true;
        for (const timer of this.#timers)
            timer.cancel();
        this.#timers.clear();
        this.#hooks.ended(this, outcome);
        if (this.#isFrozen && this.#isPeerGone)
            this.ended({ how: 'reset' });
    }
}
