import { momentOf, } from '../ports/index.js';
import { DEFAULT_PACING, decodeFrame, encodeFrame, FrameError, frameTypeOf, METHOD, parsePongPayload, pingFrame, } from '../wire/index.js';
import { closeCodeOf, failureOfSocketEnd } from './classify.js';
import { newConnection, step, wakeAt, watchOf } from './connection.js';
/**
 * Owns the one mutable Connection, the one inbox and the one timer, and carries out what the pure core decides.
 * No policy here: what is not an input or an effect of {@link step} does not happen.
 */
export class ConnectionDriver {
    #ports;
    #policy;
    #inbox = [];
    #discoveries = new Map();
    #sockets = new Map();
    #connection = newConnection(DEFAULT_PACING);
    #timer = null;
    #timerAt = null;
    #isDraining = false;
    #looking = null;
    #whenQuiet = [];
    constructor(ports, policy) {
        this.#ports = ports;
        this.#policy = policy;
    }
    get connection() {
        return this.#connection;
    }
    /** When the next decision is due, in monotonic milliseconds, or null: nothing is scheduled. */
    get wakeAt() {
        return wakeAt(this.#connection, this.#policy);
    }
    /** Sockets that are open or opening. More than one only while a new one takes over from an old one. */
    get socketCount() {
        return this.#sockets.size;
    }
    /** Starts the retrying. Does nothing if it runs. */
    start() {
        this.#tell({ type: 'start' });
    }
    /** Stops in any state. Resolves when no socket is left, within the policy's `closeTimeoutMs`. */
    stop() {
        this.#tell({ type: 'stop' });
        if (this.#sockets.size === 0)
            return Promise.resolve();
        return new Promise((resolve) => this.#whenQuiet.push(resolve));
    }
    /** Tells the Connection a fact that may be worth an attempt before its time. */
    offer(evidence) {
        this.#tell({ type: 'evidence', evidence });
    }
    /** Keeps it from attempts of its own until then, see the input `hold`. An attempt that is under way goes on. */
    hold(until) {
        this.#tell({ type: 'hold', until });
    }
    /**
     * Asks for a new socket in place of the living one, which is closed only when the new one is proven. Does nothing
     * where there is no living socket, or one is being replaced already.
     */
    replace() {
        this.#tell({ type: 'replace' });
    }
    #tell(input) {
        this.#inbox.push(input);
        if (this.#isDraining)
            return; // an effect told us something: it waits its turn, no re-entry
        this.#isDraining = true;
        try {
            for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
                const world = { now: this.#ports.clock.now(), random: this.#ports.random() };
                const out = step(this.#connection, next, world, this.#policy);
                this.#connection = out.next;
                if (watchOf(out.next) === null)
                    this.#looking?.abort();
                for (const effect of out.effects)
                    this.#perform(effect);
            }
        }
        finally {
            this.#isDraining = false;
            this.#arm();
        }
        this.#ports.rested?.();
    }
    /** One timer for the whole machine, moved only when the next decision moved. */
    #arm() {
        const at = this.wakeAt;
        if (at === this.#timerAt)
            return;
        this.#timer?.cancel();
        this.#timer = null;
        this.#timerAt = at;
        if (at === null)
            return;
        this.#timer = this.#ports.clock.timer(Math.max(0, at - this.#ports.clock.now()), () => {
            this.#timer = null;
            this.#timerAt = null;
            this.#tell({ type: 'tick' });
        });
    }
    #perform(effect) {
        switch (effect.do) {
            case 'report':
                this.#report(effect.report);
                break;
            case 'discover':
                this.#discover(effect.attempt, effect.pacing);
                break;
            case 'dial':
                this.#dial(effect.attempt, effect.ticket.url);
                break;
            case 'ping':
                this.#ping(effect.attempt, effect.kind, effect.service);
                break;
            case 'look':
                this.#look(effect.look, effect.gateway);
                break;
            case 'refresh_parts':
                this.#ports.refreshParts?.();
                break;
            case 'close':
                this.#sockets.get(effect.attempt)?.socket.close(1000, 'bye', this.#policy.closeTimeoutMs);
                break;
            case 'drop':
                this.#discoveries.get(effect.attempt)?.abort();
                this.#sockets.get(effect.attempt)?.socket.terminate();
                break;
        }
    }
    #report(report) {
        this.#ports.report(report, momentOf(this.#ports.clock));
    }
    #discover(attempt, pacing) {
        const abort = new AbortController();
        this.#discoveries.set(attempt, abort);
        const request = { attempt, pacing, timeoutMs: this.#policy.discoveryTimeoutMs, signal: abort.signal };
        this.#ports
            .discover(request)
            .then((outcome) => {
            if ('failure' in outcome)
                return { type: 'failed', attempt, failure: outcome.failure, closeCode: null };
            for (const { field, detail } of outcome.rejected)
                this.#report({ type: 'pacing_rejected', field, detail });
            return { type: 'ticket', attempt, ticket: outcome.ticket, gateway: outcome.gateway };
        }, 
        // A bug of ours must not end the retrying: it is an attempt that failed, with a name of its own.
        (bug) => ({
            type: 'failed',
            attempt,
            failure: { code: 'internal_error', detail: bug instanceof Error ? bug.message : String(bug) },
            closeCode: null,
        }))
            .then((input) => {
            this.#discoveries.delete(attempt);
            this.#tell(input);
        });
    }
    #look(look, gateway) {
        // One at a time: the next is due only after this one's limit, unless somebody chose odd limits.
        if (this.#looking !== null || this.#ports.lookAt === undefined)
            return;
        const abort = new AbortController();
        const { lookTimeoutMs, reachTimeoutMs } = this.#policy;
        const timeoutMs = look === 'reach' ? reachTimeoutMs : lookTimeoutMs;
        this.#looking = abort;
        this.#ports
            .lookAt(look, { timeoutMs, signal: abort.signal, gateway })
            // A look that breaks found nothing; the attempt that follows anyway tells what is wrong.
            .catch(() => false)
            .then((isNew) => {
            this.#looking = null;
            if (abort.signal.aborted)
                return;
            this.#report({ type: 'looked', look, isNew });
            this.#tell({ type: 'looked', look, isNew });
        });
    }
    #dial(attempt, url) {
        const opened = { entry: null };
        const socket = this.#ports.dial(url, {
            opened: () => {
                if (opened.entry)
                    opened.entry.isOpen = true;
                this.#tell({ type: 'opened', attempt });
            },
            message: (bytes) => this.#message(attempt, bytes),
            text: (length) => {
                this.#tell({ type: 'heard', attempt });
                this.#frameError(attempt, 'text', `a text message of ${length} characters; every frame is binary`);
            },
            pong: () => this.#tell({ type: 'pong', attempt, kind: 'websocket', pacing: null }),
            closed: (end) => this.#closed(attempt, end),
        });
        opened.entry = { socket, isOpen: false };
        this.#sockets.set(attempt, opened.entry);
        this.#report({ type: 'sockets', open: this.#sockets.size });
    }
    #closed(attempt, end) {
        const wasOpen = this.#sockets.get(attempt)?.isOpen ?? false;
        if (!this.#sockets.delete(attempt))
            return;
        this.#report({ type: 'sockets', open: this.#sockets.size });
        if (wasOpen && end.how === 'failed' && end.error === 'too_large') {
            this.#frameError(attempt, 'too_large', end.message);
        }
        this.#tell({ type: 'failed', attempt, failure: failureOfSocketEnd(end, wasOpen), closeCode: closeCodeOf(end) });
        if (this.#sockets.size > 0)
            return;
        for (const resolve of this.#whenQuiet.splice(0))
            resolve();
    }
    #ping(attempt, kind, service) {
        const socket = this.#sockets.get(attempt)?.socket;
        if (kind === 'websocket') {
            socket?.ping();
            return;
        }
        if (socket?.send(encodeFrame(pingFrame(service))))
            this.#report({ type: 'frame', attempt, direction: 'out', frameType: 'ping' });
    }
    #message(attempt, bytes) {
        let frame;
        try {
            frame = decodeFrame(bytes);
        }
        catch (error) {
            if (!(error instanceof FrameError))
                throw error;
            // Bytes that we cannot read still prove that somebody is there; they are dropped, counted and logged.
            this.#tell({ type: 'heard', attempt });
            this.#frameError(attempt, 'malformed', error.message);
            return;
        }
        const frameType = frameTypeOf(frame);
        this.#report({ type: 'frame', attempt, direction: 'in', frameType });
        if (frame.method === METHOD.control && frameType === 'pong') {
            this.#pong(attempt, frame);
            return;
        }
        this.#tell({ type: 'heard', attempt });
        if (frame.method === METHOD.data) {
            this.#ports.receive(frame, this.#sessionOf(attempt));
        }
        else if (frame.method !== METHOD.control) {
            this.#frameError(attempt, 'unknown_method', `method ${frame.method}; 0 is control and 1 is data`);
        }
        else if (frameType !== 'ping') {
            // A ping from the gateway is legal, and nobody answers it.
            this.#frameError(attempt, 'unknown_type', 'a control frame that is neither ping nor pong');
        }
    }
    #pong(attempt, frame) {
        const { pacing, rejected } = parsePongPayload(frame.payload, this.#connection.effort.pacing);
        for (const { field, detail } of rejected)
            this.#report({ type: 'pacing_rejected', field, detail });
        this.#tell({ type: 'pong', attempt, kind: 'protocol', pacing });
    }
    #sessionOf(attempt) {
        return {
            attempt,
            send: (bytes) => {
                const isSent = this.#sockets.get(attempt)?.socket.send(bytes) ?? false;
                if (isSent)
                    this.#report({ type: 'frame', attempt, direction: 'out', frameType: 'event' });
                return isSent;
            },
        };
    }
    #frameError(attempt, reason, detail) {
        this.#report({ type: 'frame_error', attempt, reason, detail });
    }
}
