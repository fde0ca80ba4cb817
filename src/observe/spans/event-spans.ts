import type { Attributes, Context, Link, Span, SpanKind, Tracer } from '@opentelemetry/api';
import type { TracedEvent } from '../../delivery/index.js';
import { ATTRIBUTES } from '../attributes.js';
import { openTelemetry } from '../packages.js';
import type { ConnectedSpan } from './connect.js';
import { hrTimeOf } from './span.js';

/** What attributes tell of an event. */
export type ToldEvent = Omit<TracedEvent, 'attempt' | 'traceparent'>;

/** What the spans of a type are called. */
interface SpanNames {
  readonly ack: string;
  readonly process: string;
}

/** When and after what a span starts. */
export interface SpanStart {
  readonly wallMs: number;
  readonly links: Link[];
  readonly parent: Context;
  /** What a sampler gets to see of it. Default: nothing. */
  readonly attributes?: Attributes;
}

/** Starts the spans of events, and knows what is told of them. */
export class EventSpans {
  readonly #tracer: Tracer;
  readonly #app: string;
  readonly #typeOf: (eventType: string) => string;
  readonly #names = new Map<string, SpanNames>();

  constructor(tracer: Tracer, app: string, typeOf: (eventType: string) => string) {
    this.#tracer = tracer;
    this.#app = app;
    this.#typeOf = typeOf;
  }

  startAck(eventType: string, start: SpanStart): Span {
    return this.#start(this.#namesOf(eventType).ack, openTelemetry().SpanKind.CLIENT, start);
  }

  startProcess(eventType: string, start: SpanStart): Span {
    return this.#start(this.#namesOf(eventType).process, openTelemetry().SpanKind.CONSUMER, start);
  }

  ackAttributes(event: ToldEvent, bringer: ConnectedSpan | null): Attributes {
    return this.#attributesOf(event, bringer, 'ack', 'settle');
  }

  processAttributes(event: ToldEvent, bringer: ConnectedSpan | null): Attributes {
    const attributes = this.#attributesOf(event, bringer, 'process', 'process');
    attributes[ATTRIBUTES.eventDuplicate] = false;
    return attributes;
  }

  #start(name: string, kind: SpanKind, { wallMs, links, parent, attributes }: SpanStart): Span {
    const startTime = hrTimeOf(wallMs);
    const options = attributes === undefined ? { kind, links, startTime } : { kind, links, startTime, attributes };
    return this.#tracer.startSpan(name, options, parent);
  }

  #namesOf(eventType: string): SpanNames {
    const type = this.#typeOf(eventType);
    let names = this.#names.get(type);
    if (names === undefined) {
      names = { ack: `ack ${type}`, process: `process ${type}` };
      this.#names.set(type, names);
    }
    return names;
  }

  #attributesOf(event: ToldEvent, bringer: ConnectedSpan | null, name: string, type: string): Attributes {
    const attributes: Attributes = {
      [ATTRIBUTES.app]: this.#app,
      [ATTRIBUTES.messagingSystem]: 'feishu',
      [ATTRIBUTES.messagingOperationName]: name,
      [ATTRIBUTES.messagingOperationType]: type,
      [ATTRIBUTES.messagingDestinationName]: event.type,
      [ATTRIBUTES.messagingMessageId]: event.id,
      [ATTRIBUTES.messagingMessageBodySize]: event.payloadBytes,
      [ATTRIBUTES.eventSource]: event.source,
    };
    if (event.ageMs !== null) attributes[ATTRIBUTES.eventAgeS] = event.ageMs / 1_000;
    if (bringer !== null) attributes[ATTRIBUTES.messagingClientId] = bringer.connectionId;
    return attributes;
  }
}
