import { context, ROOT_CONTEXT, SpanKind, trace, } from '@opentelemetry/api';
import { HANDLER_FAILURES, } from '../../delivery/index.js';
import { ATTRIBUTES } from '../attributes.js';
import { BoundedMap } from '../bounded-map.js';
import { RecentMap } from '../recent-map.js';
import { contextOf, fail, hrTimeOf, linksTo, NO_LINKS } from './span.js';
import { spanContextOf, traceparentOf } from './traceparent.js';
/**
 * Events between reception and ack, and acked ones whose handler may still start. With a journal more may wait for
 * their handler than that: those that were forgotten here have a link to their ack all the same.
 */
const MAX_EVENTS = 1_000;
/** Drops that end a whole event without an ack; it was received a moment before, in the same call. */
const NOT_ACKED = ['overloaded', 'stopping'];
/**
 * `ack {event_type}` from reception to the ack written, a root linked to the connect span, and `process {event_type}`
 * around each run of the handler: the first one is its child. One that follows much later, a retry or a run after a
 * restart, is a root linked to it, since a trace should not last for hours. The handler runs with the process span
 * active, and with nothing else of the context that the socket was made in: two events have two traces.
 */
export class DeliverySpans {
    #tracer;
    #app;
    #clock;
    #typeOf;
    #connect;
    #onError;
    /** Per event id, oldest first: a Redelivery has an ack of its own while the first is still owed. */
    #acks = new BoundedMap(MAX_EVENTS, (spans) => {
        for (const span of spans) {
            fail(span, 'abandoned', 'too many events await their ack');
            span.end(hrTimeOf(this.#clock.wallNow()));
        }
    });
    /** Outlive the spans: parents of handlers that run after the ack, and exemplars. */
    #acked = new BoundedMap(MAX_EVENTS);
    #latestContexts = new RecentMap(MAX_EVENTS);
    #names = new Map();
    #justReceived = null;
    constructor(parts) {
        this.#tracer = parts.tracer;
        this.#app = parts.app;
        this.#clock = parts.clock;
        this.#typeOf = parts.typeOf;
        this.#connect = parts.connect;
        this.#onError = parts.onError;
    }
    contextOf(eventId) {
        return this.#latestContexts.get(eventId) ?? null;
    }
    /** The event's ack span, as the journal keeps it; null once its handler ran, and where nothing traces. */
    traceparentOf(eventId) {
        const acked = this.#acked.get(eventId);
        return acked === undefined || acked.hasRun ? null : traceparentOf(acked.context);
    }
    /** A report that is no news here, but the latest. */
    passOver() {
        this.#justReceived = null;
    }
    onDelivery = (report, { wallNow }) => {
        const justReceived = this.#justReceived;
        this.#justReceived = null;
        switch (report.type) {
            case 'event_received':
                this.#justReceived = {
                    id: report.eventId,
                    type: report.eventType,
                    // What catch-up found has no ack to write.
                    ack: report.source === 'catchup' ? null : this.#startAck(report, wallNow),
                };
                return;
            case 'duplicate':
                this.#acks.get(report.eventId)?.at(-1)?.setAttribute(ATTRIBUTES.eventDuplicate, true);
                if (report.of === 'finished' && justReceived?.id === report.eventId)
                    this.#forgetAck(justReceived);
                return;
            case 'journaled': {
                const acked = this.#acked.get(report.eventId);
                if (acked !== undefined)
                    acked.isJournaled = true;
                return;
            }
            case 'dropped': {
                if (justReceived === null || justReceived.type !== report.eventType)
                    return;
                this.#forgetAck(justReceived);
                if (!NOT_ACKED.includes(report.reason))
                    return;
                const span = this.#takeAck(justReceived.id, 'newest');
                if (span === undefined)
                    return;
                fail(span, report.reason, 'not acked');
                span.end(hrTimeOf(wallNow));
                return;
            }
            case 'acked': {
                const span = this.#takeAck(report.eventId, 'oldest');
                if (span === undefined)
                    return;
                // We told the platform that it went wrong; why is in the process span, if a handler ran.
                if (report.code !== 200)
                    fail(span, `ack_${report.code}`, `acked with code ${report.code}`);
                span.end(hrTimeOf(wallNow));
                return;
            }
            case 'ack_failed': {
                const span = this.#takeAck(report.eventId, 'oldest');
                if (span === undefined)
                    return;
                fail(span, report.failure, 'not acked');
                span.end(hrTimeOf(wallNow));
                return;
            }
            default:
                return;
        }
    };
    traceDelivery = (event, handle) => {
        const begun = this.#begin(event);
        if (begun === null)
            return handle();
        if (begun.isRecording)
            return this.#record(begun, event.id, handle);
        // Most events of a sampled process: what belongs to the handler belongs to its trace, and nothing else is done.
        return context.with(begun.active, handle);
    };
    /** Null where the tracer fails: the event is handled all the same. */
    #begin(event) {
        try {
            return this.#startProcess(event);
        }
        catch {
            this.#onError();
            return null;
        }
    }
    async #record({ span, active }, eventId, handle) {
        try {
            const result = await context.with(active, handle);
            // No run follows a success.
            this.#acked.delete(eventId);
            this.#quietly(() => span.end(hrTimeOf(this.#clock.wallNow())));
            return result;
        }
        catch (error) {
            this.#quietly(() => {
                fail(span, handlerFailureOf(error), error instanceof Error ? error.message : '');
                span.end(hrTimeOf(this.#clock.wallNow()));
            });
            throw error;
        }
    }
    /** Ends what is open, as stopped by us. */
    endAll(wallMs) {
        for (const span of this.#acks.drain().flat()) {
            fail(span, 'aborted', 'stopped before the ack');
            span.end(hrTimeOf(wallMs));
        }
    }
    #startAck(report, wallMs) {
        const { eventId, eventType } = report;
        // The root context has no parent for it: `root` would say the same again, and the SDK would copy the context for it.
        const span = this.#tracer.startSpan(this.#namesOf(eventType).ack, { kind: SpanKind.CLIENT, links: this.#connect.connected?.links ?? NO_LINKS, startTime: hrTimeOf(wallMs) }, ROOT_CONTEXT);
        const spanContext = contextOf(span);
        if (spanContext !== null) {
            if (this.#acked.get(eventId)?.isJournaled !== true) {
                this.#acked.set(eventId, { context: spanContext, isJournaled: false, hasRun: false });
            }
            this.#latestContexts.set(eventId, spanContext);
        }
        if (!span.isRecording())
            return spanContext;
        this.#acks.set(eventId, [...(this.#acks.get(eventId) ?? []), span]);
        span.setAttributes(this.#messaging({ ...report, id: eventId, type: eventType }, 'ack', 'settle'));
        const connectionId = this.#connect.connected?.connectionId;
        if (connectionId !== undefined)
            span.setAttribute(ATTRIBUTES.messagingClientId, connectionId);
        return spanContext;
    }
    /** No handler will run for it. */
    #forgetAck({ id, ack }) {
        if (ack !== null && this.#acked.get(id)?.context === ack)
            this.#acked.delete(id);
    }
    /** The span of an ack that is owed no more; undefined if none is recorded. */
    #takeAck(eventId, which) {
        const spans = this.#acks.get(eventId);
        if (spans === undefined)
            return undefined;
        const span = which === 'oldest' ? spans.shift() : spans.pop();
        if (spans.length === 0)
            this.#acks.delete(eventId);
        return span;
    }
    #namesOf(eventType) {
        const type = this.#typeOf(eventType);
        let names = this.#names.get(type);
        if (names === undefined) {
            names = { ack: `ack ${type}`, process: `process ${type}` };
            this.#names.set(type, names);
        }
        return names;
    }
    #startProcess(event) {
        const kept = spanContextOf(event.traceparent);
        const acked = event.source === 'catchup' ? undefined : this.#acked.get(event.id);
        const ack = acked !== undefined && followsAtOnce(acked, kept) ? acked.context : null;
        if (acked !== undefined)
            acked.hasRun = true;
        const parent = ack === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, ack);
        const links = ack === null ? linksTo(kept ?? acked?.context ?? this.#connect.contextOf(event.attempt)) : NO_LINKS;
        const span = this.#tracer.startSpan(this.#namesOf(event.type).process, { kind: SpanKind.CONSUMER, links, startTime: hrTimeOf(this.#clock.wallNow()) }, parent);
        const spanContext = contextOf(span);
        if (spanContext !== null)
            this.#latestContexts.set(event.id, spanContext);
        const isRecording = span.isRecording();
        if (isRecording) {
            span.setAttributes(this.#messaging(event, 'process', 'process'));
            span.setAttribute(ATTRIBUTES.eventDuplicate, false);
            const bringer = this.#connect.connectionOf(event.attempt);
            if (bringer !== null)
                span.setAttribute(ATTRIBUTES.messagingClientId, bringer.connectionId);
        }
        else {
            // A later run has nothing to be linked to but what the journal kept.
            this.#acked.delete(event.id);
        }
        return { span, active: trace.setSpan(ROOT_CONTEXT, span), isRecording };
    }
    #messaging(event, operation, operationType) {
        return {
            [ATTRIBUTES.app]: this.#app,
            [ATTRIBUTES.messagingSystem]: 'feishu',
            [ATTRIBUTES.messagingOperationName]: operation,
            [ATTRIBUTES.messagingOperationType]: operationType,
            [ATTRIBUTES.messagingDestinationName]: event.type,
            [ATTRIBUTES.messagingMessageId]: event.id,
            [ATTRIBUTES.messagingMessageBodySize]: event.payloadBytes,
            [ATTRIBUTES.eventSource]: event.source,
            ...(event.ageMs === null ? {} : { [ATTRIBUTES.eventAgeS]: event.ageMs / 1_000 }),
        };
    }
    #quietly(work) {
        try {
            work();
        }
        catch {
            this.#onError();
        }
    }
}
/** Whether this is the first run after that ack, and of the event that was journaled under it, if any was. */
function followsAtOnce({ context: ack, hasRun }, kept) {
    return !hasRun && (kept === null || kept.spanId === ack.spanId);
}
/** The delivery room says on its error why a run failed; any other error was thrown by the handler. */
function handlerFailureOf(error) {
    const named = typeof error === 'object' && error !== null && 'failure' in error ? error.failure : null;
    return HANDLER_FAILURES.find((failure) => failure === named) ?? 'thrown';
}
