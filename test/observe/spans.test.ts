import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  context,
  createContextKey,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SamplingDecision,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { ConnectionReport } from '../../src/connection/index.js';
import { type DeliveryReport, HandlerError, type TracedEvent, type TraceEnded } from '../../src/delivery/index.js';
import { createSpans, type HttpCall, type Spans, type TelemetryError } from '../../src/observe/index.js';
import { type Moment, momentOf } from '../../src/ports/index.js';
import { HandClock } from '../support/hand-clock.js';

const TYPE = 'im.message.receive_v1';

// The one global: without a context manager nothing is ever active.
beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => {
  context.disable();
});

class Scene {
  readonly clock = new HandClock();
  readonly exporter = new InMemorySpanExporter();
  readonly errors: TelemetryError[] = [];
  readonly spans: Spans;

  constructor(tracerProvider?: TracerProvider) {
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.exporter)] });
    this.spans = createSpans({
      app: 'a',
      eventTypes: [TYPE],
      clock: this.clock,
      tracerProvider: tracerProvider ?? provider,
      onTelemetryError: (reason) => this.errors.push(reason),
    });
  }

  get moment(): Moment {
    return momentOf(this.clock);
  }

  connection(...reports: readonly ConnectionReport[]): void {
    for (const report of reports) this.spans.onConnection(report, this.moment);
  }

  delivery(...reports: readonly DeliveryReport[]): void {
    for (const report of reports) this.spans.onDelivery(report, this.moment);
  }

  get finished(): readonly ReadableSpan[] {
    return this.exporter.getFinishedSpans();
  }

  /** The finished span of this name, the only one. */
  only(name: string): ReadableSpan {
    const [span, ...others] = this.finished.filter((each) => each.name === name);
    if (span === undefined || others.length > 0) {
      throw new Error(`not one span ${name} among ${this.finished.map((each) => each.name).join(', ')}`);
    }
    return span;
  }
}

const started = (attempt: number, outage: number | null = null): ConnectionReport => ({
  type: 'attempt_started',
  attempt,
  isReconnect: attempt > 1,
  outage,
});
const discovered = (attempt: number): ConnectionReport => ({
  type: 'step_finished',
  attempt,
  step: 'discovery',
  durationMs: 20,
  gateway: {
    origin: 'wss://gw.feishu.cn',
    address: 'gw.feishu.cn',
    port: 443,
    path: '/ws/v2',
    connectionId: `c${attempt}`,
  },
});
const connected = (attempt: number): ConnectionReport => ({
  type: 'connected',
  attempt,
  connectionId: `c${attempt}`,
  outage: attempt === 1 ? null : { number: 1, cause: 'connection_reset', durationMs: 4_500, attempts: 2 },
});
const failed = (attempt: number, detail = 'no 101'): ConnectionReport => ({
  type: 'attempt_failed',
  attempt,
  step: 'dial',
  failure: { code: 'dial_timeout', detail },
  verdict: 'retry',
  durationMs: 10_000,
  outage: 1,
});
const lost = (attempt: number): ConnectionReport => ({
  type: 'disconnected',
  attempt,
  connectionId: `c${attempt}`,
  failure: { code: 'connection_reset', detail: '' },
  sessionMs: 60_000,
  closeCode: null,
  outage: 1,
});
const received = (eventId: string, eventType = TYPE): DeliveryReport => ({
  type: 'event_received',
  eventType,
  eventId,
  source: 'push',
  ageMs: 1_500,
  payloadBytes: 321,
});
const journaled = (eventId: string): DeliveryReport => ({ type: 'journaled', eventType: TYPE, eventId, durationMs: 1 });
const ackFailed = (eventId: string, failure: 'socket_gone' | 'journal_refused'): DeliveryReport => ({
  type: 'ack_failed',
  kind: 'event',
  eventType: TYPE,
  eventId,
  failure,
});
const acked = (eventId: string, code = 200): DeliveryReport => ({
  type: 'acked',
  kind: 'event',
  eventType: TYPE,
  eventId,
  code,
  latencyMs: 20,
  isLate: false,
});
/** What {@link traced} says that a run took, whatever the clock says. */
const RUN_MS = 40;
const redelivered = (eventId: string): DeliveryReport =>
  ({ ...received(eventId), source: 'redelivery' }) as DeliveryReport;
const eventOf = (id: string, changes: Partial<TracedEvent> = {}): TracedEvent => ({
  id,
  type: TYPE,
  source: 'push',
  ageMs: 1_500,
  attempt: 1,
  payloadBytes: 321,
  traceparent: null,
  ...changes,
});

describe('feishu.ws.connect', () => {
  test('covers an attempt from its start to connected, as a client root with where it went', async () => {
    const scene = new Scene();
    const startedAt = scene.clock.wallNow();
    scene.connection(started(1));
    await scene.clock.advanceBy(30);
    scene.connection(discovered(1));
    await scene.clock.advanceBy(70);
    scene.connection(connected(1));
    const span = scene.only('feishu.ws.connect');
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.parentSpanContext).toBeUndefined();
    expect(msOf(span.startTime)).toBe(startedAt);
    expect(msOf(span.endTime)).toBe(startedAt + 100);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.events).toEqual([]);
    expect(span.links).toEqual([]);
    expect(span.attributes).toEqual({
      'feishu.app': 'a',
      'feishu.attempt': 1,
      'feishu.connection.id': 'c1',
      'network.protocol.name': 'websocket',
      'server.address': 'gw.feishu.cn',
      'server.port': 443,
      'url.path': '/ws/v2',
    });
  });

  test('each attempt of an outage is linked to the connection that was lost, the last one tells the outage', () => {
    const scene = new Scene();
    scene.connection(started(1), connected(1), lost(1), started(2, 1), failed(2), started(3, 1), connected(3));
    const [first, second, third] = scene.finished;
    expect(second?.links.map((link) => link.context.spanId)).toEqual([first?.spanContext().spanId]);
    expect(third?.links.map((link) => link.context.spanId)).toEqual([first?.spanContext().spanId]);
    expect(second?.attributes).toMatchObject({ 'feishu.outage.id': 1, 'error.type': 'dial_timeout' });
    expect(second?.attributes).not.toHaveProperty('feishu.outage.duration_s');
    expect(third?.attributes).toMatchObject({
      'feishu.outage.id': 1,
      'feishu.outage.duration_s': 4.5,
      'feishu.outage.attempts': 2,
    });
    expect(new Set(scene.finished.map((span) => span.spanContext().traceId)).size).toBe(3);
  });

  test('an attempt beside a living connection is linked to nothing: nothing was lost', () => {
    const scene = new Scene();
    scene.connection(started(1), connected(1), lost(1), started(2, 1), connected(2), started(3), connected(3));
    expect(scene.finished.map((span) => span.links.length)).toEqual([0, 1, 0]);
  });

  test('a failed attempt is an error with the failure code and no secret', () => {
    const scene = new Scene();
    scene.connection(started(1), failed(1, 'GET wss://gw/ws?access_key=0123456789abcdef&ticket=abc-def'));
    const { status, attributes } = scene.only('feishu.ws.connect');
    expect(status.code).toBe(SpanStatusCode.ERROR);
    expect(status.message).toBe('dial: GET wss://gw/ws?access_key=[redacted]&ticket=[redacted]');
    expect(attributes['error.type']).toBe('dial_timeout');
  });

  test('a stop ends the attempt under way', () => {
    const scene = new Scene();
    scene.connection(started(1), { type: 'state_changed', from: 'discovering', to: 'stopped' });
    expect(scene.only('feishu.ws.connect').attributes['error.type']).toBe('local_stop');
  });

  test('it is a root even when an attempt starts inside a span of the application', () => {
    const scene = new Scene();
    const outer = new BasicTracerProvider().getTracer('application').startSpan('outer');
    context.with(trace.setSpan(ROOT_CONTEXT, outer), () => scene.connection(started(1), connected(1)));
    expect(scene.only('feishu.ws.connect').spanContext().traceId).not.toBe(outer.spanContext().traceId);
  });
});

describe('POST {route template}', () => {
  const call = (scene: Scene, changes: Partial<HttpCall> = {}): HttpCall => ({
    route: '/callback/ws/endpoint',
    method: 'POST',
    status: 200,
    error: null,
    apiCode: 0,
    startedAt: scene.moment,
    durationMs: 80,
    address: 'open.feishu.cn',
    ...changes,
  });

  test('is a child of its attempt, with the true times of the call', () => {
    const scene = new Scene();
    scene.connection(started(1));
    scene.spans.onHttp(call(scene, { attempt: 1 }), scene.moment);
    scene.connection(connected(1));
    const span = scene.only('POST /callback/ws/endpoint');
    expect(span.parentSpanContext?.spanId).toBe(scene.only('feishu.ws.connect').spanContext().spanId);
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(msOf(span.endTime) - msOf(span.startTime)).toBe(80);
    expect(span.attributes).toEqual({
      'feishu.app': 'a',
      'feishu.attempt': 1,
      'feishu.api.code': 0,
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'server.address': 'open.feishu.cn',
      'url.template': '/callback/ws/endpoint',
    });
  });

  test('without an attempt it is a root, whatever is active', () => {
    const scene = new Scene();
    const outer = new BasicTracerProvider().getTracer('application').startSpan('outer');
    const route = '/open-apis/auth/v3/tenant_access_token/internal';
    const made = call(scene, { route });
    context.with(trace.setSpan(ROOT_CONTEXT, outer), () => scene.spans.onHttp(made, scene.moment));
    const span = scene.only(`POST ${route}`);
    expect(span.parentSpanContext).toBeUndefined();
    expect(scene.spans.ofCall(made)?.spanId).toBe(span.spanContext().spanId);
  });

  test.each([
    [{ status: null, error: 'timeout', apiCode: null } as const, 'timeout', 'no answer'],
    [{ status: 502, apiCode: null } as const, 'http_status', 'HTTP 502'],
    [{ status: 200, apiCode: 514 } as const, 'api_code', 'code 514'],
  ])('a call that failed is an error: %o', (changes, type, message) => {
    const scene = new Scene();
    scene.spans.onHttp(call(scene, changes), scene.moment);
    const span = scene.only('POST /callback/ws/endpoint');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message });
    expect(span.attributes['error.type']).toBe(type);
  });

  test('a route nobody named keeps the name of the span low in cardinality', () => {
    const scene = new Scene();
    scene.spans.onHttp(call(scene, { route: '/somewhere/else' }), scene.moment);
    expect(scene.only('POST other').attributes['url.template']).toBe('/somewhere/else');
  });
});

describe('ack and process', () => {
  test('the ack reaches from reception to the ack written, linked to the connection; the handler is its child', async () => {
    const scene = new Scene();
    scene.connection(started(1), connected(1));
    const receivedAt = scene.clock.wallNow();
    scene.delivery(received('e1'));
    let seen: string | undefined;
    await traced(scene.spans, eventOf('e1'), async () => {
      await scene.clock.advanceBy(15);
      seen = trace.getActiveSpan()?.spanContext().spanId;
    });
    await scene.clock.advanceBy(5);
    scene.delivery(acked('e1'));
    const ack = scene.only(`ack ${TYPE}`);
    const run = scene.only(`process ${TYPE}`);
    expect([ack.kind, run.kind]).toEqual([SpanKind.CLIENT, SpanKind.CONSUMER]);
    expect([msOf(ack.startTime) - receivedAt, msOf(ack.endTime) - receivedAt]).toEqual([0, 20]);
    expect([msOf(run.startTime) - receivedAt, msOf(run.endTime) - receivedAt]).toEqual([0, 15]);
    expect(run.parentSpanContext?.spanId).toBe(ack.spanContext().spanId);
    expect(seen).toBe(run.spanContext().spanId);
    expect(ack.links.map((link) => link.context.spanId)).toEqual([
      scene.only('feishu.ws.connect').spanContext().spanId,
    ]);
    const common = {
      'feishu.app': 'a',
      'feishu.event.age_s': 1.5,
      'feishu.event.source': 'push',
      'messaging.system': 'feishu',
      'messaging.client.id': 'c1',
      'messaging.destination.name': TYPE,
      'messaging.message.id': 'e1',
      'messaging.message.body.size': 321,
    };
    expect(ack.attributes).toEqual({
      ...common,
      'messaging.operation.name': 'ack',
      'messaging.operation.type': 'settle',
    });
    expect(run.attributes).toEqual({
      ...common,
      'feishu.event.duplicate': false,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
    });
    expect(scene.spans.ofEvent('e1')?.spanId).toBe(run.spanContext().spanId);
    expect([ack.status.code, run.status.code]).toEqual([SpanStatusCode.UNSET, SpanStatusCode.UNSET]);
  });

  test('two events of one socket have two traces, in whatever context the socket was made', async () => {
    const scene = new Scene();
    const outer = new BasicTracerProvider().getTracer('application').startSpan('outer');
    const traceIds: (string | undefined)[] = [];
    const handle = async (): Promise<void> => {
      await scene.clock.advanceBy(1);
      traceIds.push(trace.getActiveSpan()?.spanContext().traceId);
    };
    await context.with(trace.setSpan(ROOT_CONTEXT, outer), async () => {
      scene.delivery(received('e1'), received('e2'));
      await Promise.all([traced(scene.spans, eventOf('e1'), handle), traced(scene.spans, eventOf('e2'), handle)]);
    });
    expect(new Set([...traceIds, outer.spanContext().traceId]).size).toBe(3);
    expect(traceIds).not.toContain(undefined);
  });

  test('a real socket hands its context to every event; the handlers get traces of their own', async () => {
    const scene = new Scene();
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    server.on('connection', (peer) => {
      peer.send('e1');
      peer.send('e2');
    });
    const outer = new BasicTracerProvider().getTracer('application').startSpan('outer');
    const inherited = new Set<string | undefined>();
    const own = new Set<string | undefined>();
    await context.with(trace.setSpan(ROOT_CONTEXT, outer), async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
      await new Promise<void>((resolve) => {
        socket.on('message', (bytes: Buffer) => {
          inherited.add(trace.getActiveSpan()?.spanContext().traceId);
          const id = bytes.toString();
          scene.delivery(received(id));
          const handle = async (): Promise<void> => {
            own.add(trace.getActiveSpan()?.spanContext().traceId);
          };
          traced(scene.spans, eventOf(id), handle).then(() => own.size === 2 && resolve());
        });
      });
      socket.terminate();
    });
    server.close();
    await once(server, 'close');
    expect([...inherited]).toEqual([outer.spanContext().traceId]);
    expect(own).not.toContain(undefined);
    expect(own).not.toContain(outer.spanContext().traceId);
  });

  test('baggage and whatever else the socket was made in stay outside of the handler', async () => {
    const scene = new Scene();
    const key = createContextKey('application');
    const handle = async (): Promise<unknown> => context.active().getValue(key);
    const seen = await context.with(ROOT_CONTEXT.setValue(key, 'leaked'), () =>
      traced(scene.spans, eventOf('e1'), handle),
    );
    expect(seen).toBeUndefined();
  });

  test("the handler keeps the application's own asynchronous context", async () => {
    const scene = new Scene();
    const store = new AsyncLocalStorage<string>();
    const seen = await store.run('kept', () => traced(scene.spans, eventOf('e1'), async () => store.getStore()));
    expect(seen).toBe('kept');
  });

  test('a handler that runs after the ack, as with a journal, is its child all the same', async () => {
    const scene = new Scene();
    scene.delivery(received('e1'), acked('e1'));
    await traced(scene.spans, eventOf('e1'), async () => {});
    expect(scene.only(`process ${TYPE}`).parentSpanContext?.spanId).toBe(
      scene.only(`ack ${TYPE}`).spanContext().spanId,
    );
  });

  test('what the journal keeps of a trace is its ack, in the W3C format, until the handler runs', async () => {
    const scene = new Scene();
    scene.delivery(received('e1'));
    const kept = scene.spans.traceparentOf('e1');
    scene.delivery(acked('e1'));
    const { traceId, spanId } = scene.only(`ack ${TYPE}`).spanContext();
    expect(kept).toBe(`00-${traceId}-${spanId}-01`);
    await traced(scene.spans, eventOf('e1', { traceparent: kept }), async () => {});
    expect(scene.only(`process ${TYPE}`).parentSpanContext?.spanId).toBe(spanId);
    expect(scene.only(`process ${TYPE}`).links).toEqual([]);
    expect([scene.spans.traceparentOf('e1'), scene.spans.traceparentOf('e2')]).toEqual([null, null]);
  });

  test('each retry is a span of its own: a root that is linked to the ack, as hours may lie between', async () => {
    const scene = new Scene();
    scene.delivery(received('e1'), journaled('e1'), acked('e1'));
    const event = eventOf('e1');
    const failing = () => Promise.reject(new HandlerError('thrown', 'no database'));
    await expect(traced(scene.spans, event, failing)).rejects.toThrow('no database');
    await expect(traced(scene.spans, event, failing)).rejects.toThrow('no database');
    await traced(scene.spans, event, async () => {});
    const ack = scene.only(`ack ${TYPE}`).spanContext();
    const [first, ...retries] = scene.finished.filter(({ name }) => name === `process ${TYPE}`);
    expect(first?.parentSpanContext?.spanId).toBe(ack.spanId);
    expect(retries.map((run) => run.parentSpanContext)).toEqual([undefined, undefined]);
    expect(retries.map((run) => run.links.map(({ context: linked }) => linked.spanId))).toEqual([
      [ack.spanId],
      [ack.spanId],
    ]);
    expect(new Set([ack.traceId, ...retries.map((run) => run.spanContext().traceId)]).size).toBe(3);
    expect([first, ...retries].map((run) => run?.attributes['error.type'])).toEqual(['thrown', 'thrown', undefined]);
  });

  test('after a restart the handler is a root, linked to the ack by what the journal kept', async () => {
    const before = new Scene();
    before.delivery(received('e1'));
    const traceparent = before.spans.traceparentOf('e1');
    before.delivery(acked('e1'));
    const scene = new Scene();
    scene.connection(started(1), connected(1));
    await traced(scene.spans, eventOf('e1', { attempt: 0, source: 'redelivery', traceparent }), async () => {});
    const run = scene.only(`process ${TYPE}`);
    const ack = before.only(`ack ${TYPE}`).spanContext();
    expect(run.parentSpanContext).toBeUndefined();
    expect(run.spanContext().traceId).not.toBe(ack.traceId);
    expect(run.links).toEqual([{ context: { ...ack, traceState: undefined, isRemote: true } }]);
    expect(run.attributes['feishu.event.source']).toBe('redelivery');
    expect(run.attributes).not.toHaveProperty('messaging.client.id');
  });

  test.each([
    '',
    '00-0-0-01',
    `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`,
    `01-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  ])('a journal that holds %o for a trace costs the link, not the event', async (traceparent) => {
    const scene = new Scene();
    await traced(scene.spans, eventOf('e1', { traceparent }), async () => {});
    expect(scene.only(`process ${TYPE}`).links).toEqual([]);
    expect(scene.errors).toEqual([]);
  });

  test('a redelivery that comes before the handler has run does not take its trace', async () => {
    const scene = new Scene();
    const again: DeliveryReport = { type: 'duplicate', eventType: TYPE, eventId: 'e1', of: 'in_flight' };
    scene.delivery(received('e1'), journaled('e1'), acked('e1'), redelivered('e1'), again, acked('e1'));
    await traced(scene.spans, eventOf('e1'), async () => {});
    const [first] = scene.finished.filter(({ name }) => name === `ack ${TYPE}`);
    expect(scene.only(`process ${TYPE}`).parentSpanContext?.spanId).toBe(first?.spanContext().spanId);
  });

  test('a replayed dead letter is linked to the ack it once had, whatever was acked since', async () => {
    const scene = new Scene();
    scene.delivery(received('e1'));
    const traceparent = scene.spans.traceparentOf('e1');
    scene.delivery(acked('e1'), received('e1'), acked('e1'));
    await traced(scene.spans, eventOf('e1', { traceparent }), async () => {});
    const [first] = scene.finished.filter(({ name }) => name === `ack ${TYPE}`);
    const run = scene.only(`process ${TYPE}`);
    expect(run.parentSpanContext).toBeUndefined();
    expect(run.links.map(({ context: linked }) => linked.spanId)).toEqual([first?.spanContext().spanId]);
  });

  test('of more events than are remembered each run finds its ack, as child or by its link', async () => {
    const scene = new Scene();
    const kept = new Map<string, string | null>();
    for (let i = 0; i < 1_002; i += 1) {
      scene.delivery(received(`e${i}`));
      kept.set(`e${i}`, scene.spans.traceparentOf(`e${i}`));
      scene.delivery(acked(`e${i}`));
    }
    for (const id of ['e1', 'e2']) {
      await traced(scene.spans, eventOf(id, { traceparent: kept.get(id) ?? null }), async () => {});
    }
    const [forgotten, remembered] = scene.finished.filter(({ name }) => name === `process ${TYPE}`);
    expect(forgotten?.links.map(({ context: linked }) => linked.spanId)).toEqual([kept.get('e1')?.split('-')[2]]);
    expect(remembered?.parentSpanContext?.spanId).toBe(kept.get('e2')?.split('-')[2]);
  });

  test('an event that no handler will run for keeps no place', () => {
    const scene = new Scene();
    scene.delivery(
      received('e1'),
      { type: 'duplicate', eventType: TYPE, eventId: 'e1', of: 'finished' },
      acked('e1'),
      received('e2'),
      { type: 'dropped', reason: 'too_old', eventType: TYPE, detail: '' },
      acked('e2'),
      received('e3'),
    );
    expect(['e1', 'e2'].map((id) => scene.spans.traceparentOf(id))).toEqual([null, null]);
    expect(scene.spans.traceparentOf('e3')).not.toBeNull();
  });

  test('what catch-up found has no ack: its handler is a root, linked to the connection', async () => {
    const scene = new Scene();
    scene.connection(started(1), connected(1));
    await traced(scene.spans, eventOf('e1', { source: 'catchup' }), async () => {});
    const run = scene.only(`process ${TYPE}`);
    expect(run.parentSpanContext).toBeUndefined();
    expect(run.links).toHaveLength(1);
    expect(run.attributes['feishu.event.source']).toBe('catchup');
  });

  test.each([
    ['thrown', 'token t-caecc734c2e3328a62489fe0648c4b98779515d3 refused', 'token [redacted] refused'],
    ['timeout', 'the handler did not settle', 'the handler did not settle'],
  ] as const)('a handler that fails is an error of its span, and still fails: %s', async (type, text, message) => {
    const error = new HandlerError(type, text);
    const scene = new Scene();
    await expect(traced(scene.spans, eventOf('e1'), () => Promise.reject(error))).rejects.toBe(error);
    const run = scene.only(`process ${TYPE}`);
    expect(run.status.code).toBe(SpanStatusCode.ERROR);
    expect(run.status.message ?? '').toBe(message);
    expect(run.attributes['error.type']).toBe(type);
  });

  test('acks of 500 and acks that could not be written are errors', () => {
    const scene = new Scene();
    scene.delivery(received('e1'), acked('e1', 500), received('e2'), {
      type: 'ack_failed',
      kind: 'event',
      eventType: TYPE,
      eventId: 'e2',
      failure: 'socket_gone',
    });
    expect(scene.finished.map((span) => span.attributes['error.type'])).toEqual(['ack_500', 'socket_gone']);
  });

  test('an event that the journal refused is an error of its ack', () => {
    const scene = new Scene();
    scene.delivery(
      received('e1'),
      { type: 'journal_failed', reason: 'disk_full', detail: 'no space left' },
      { type: 'ack_failed', kind: 'event', eventType: TYPE, eventId: 'e1', failure: 'journal_refused' },
    );
    expect(scene.only(`ack ${TYPE}`).attributes['error.type']).toBe('journal_refused');
  });

  test('an event refused for overload ends its ack at once; one of another type that is dropped ends none', () => {
    const scene = new Scene();
    scene.delivery(received('e1'), { type: 'dropped', reason: 'overloaded', eventType: null, detail: '' });
    expect(scene.finished).toEqual([]);
    scene.delivery(received('e2'), { type: 'dropped', reason: 'overloaded', eventType: TYPE, detail: '' });
    expect(scene.only(`ack ${TYPE}`).attributes).toMatchObject({
      'error.type': 'overloaded',
      'messaging.message.id': 'e2',
    });
  });

  test('an event nobody handles is dropped and acked: one span, no error', () => {
    const scene = new Scene();
    scene.delivery(
      received('e1', 'who.knows_v1'),
      { type: 'dropped', reason: 'no_handler', eventType: 'who.knows_v1', detail: '' },
      acked('e1'),
    );
    const ack = scene.only('ack other');
    expect(ack.status.code).toBe(SpanStatusCode.UNSET);
    expect(ack.attributes['messaging.destination.name']).toBe('who.knows_v1');
  });

  test('a redelivery while the first is owed has an ack of its own, marked as a duplicate', () => {
    const scene = new Scene();
    scene.delivery(
      received('e1'),
      redelivered('e1'),
      { type: 'duplicate', eventType: TYPE, eventId: 'e1', of: 'in_flight' },
      acked('e1'),
      acked('e1'),
    );
    expect(scene.finished.map((span) => span.attributes['feishu.event.duplicate'])).toEqual([undefined, true]);
  });

  test('of acks that never come the oldest are ended, so that what is open stays bounded', () => {
    const scene = new Scene();
    for (let i = 0; i < 1_005; i += 1) scene.delivery(received(`e${i}`));
    expect(scene.finished.map((span) => span.attributes['messaging.message.id'])).toEqual([
      'e0',
      'e1',
      'e2',
      'e3',
      'e4',
    ]);
    expect(scene.finished[0]?.attributes['error.type']).toBe('abandoned');
    scene.spans.dispose();
    expect(scene.finished).toHaveLength(1_005);
  });
});

describe('where nothing records', () => {
  test('without an SDK handlers run and nothing is remembered', async () => {
    const spans = createSpans({ app: 'a', eventTypes: [TYPE], clock: new HandClock() });
    const moment = { now: 0, wallNow: 0 };
    spans.onConnection(started(1), moment);
    spans.onDelivery(received('e1'), moment);
    expect(await traced(spans, eventOf('e1'), async () => 'done')).toBe('done');
    expect([spans.ofAttempt(1), spans.ofEvent('e1'), spans.traceparentOf('e1')]).toEqual([null, null, null]);
  });

  test('without an SDK a delivery is not even looked at', () => {
    const spans = createSpans({ app: 'a', eventTypes: [TYPE], clock: new HandClock() });
    const unseen = new Proxy({} as never, { get: () => explode(), has: () => explode(), ownKeys: () => explode() });
    spans.onDelivery(unseen, { now: 0, wallNow: 0 });
    let heard: unknown;
    spans.traceDelivery(unseen, (ended) => {
      heard = ended;
    });
    // Nobody listens to the end, and there is no context.
    expect(heard).toBeNull();
    expect(spans.ofEvent('e1')).toBeNull();
  });

  test('an SDK that is registered while events come is heard from then on', async () => {
    const spans = createSpans({ app: 'a', eventTypes: [TYPE], clock: new HandClock() });
    const moment = { now: 0, wallNow: 0 };
    spans.onDelivery(received('e1'), moment);
    const exporter = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    trace.setGlobalTracerProvider(provider);
    try {
      expect(await traced(spans, eventOf('e1'), async () => 'done')).toBe('done');
      spans.onDelivery(received('e2'), moment);
      spans.dispose();
      expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual([`process ${TYPE}`, `ack ${TYPE}`]);
    } finally {
      trace.disable();
    }
  });

  test('where the sampler says no, children follow it and no attribute is built', async () => {
    const exporter = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({
      sampler: new AlwaysOffSampler(),
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    const scene = new Scene(provider);
    scene.delivery({
      ...received('e1'),
      get payloadBytes(): number {
        throw new Error('an attribute was built');
      },
    } as DeliveryReport);
    const active = await traced(scene.spans, eventOf('e1'), async () => trace.getActiveSpan()?.spanContext());
    expect(active?.traceFlags).toBe(0);
    expect(active?.traceId).toBe(scene.spans.ofEvent('e1')?.traceId);
    expect(exporter.getFinishedSpans()).toEqual([]);
    expect(scene.errors).toEqual([]);
  });

  test('a handler whose ack was not sampled runs in its trace: no other span is started, and its own are left out too', async () => {
    const { scene, asked } = sampling(() => SamplingDecision.NOT_RECORD);
    scene.delivery(received('e1'));
    const inner = await traced(scene.spans, eventOf('e1'), async () =>
      scene.provider.getTracer('application').startSpan('inner'),
    );
    const ack = scene.spans.ofEvent('e1');
    scene.delivery(acked('e1'));
    expect(asked).toEqual([
      { name: `ack ${TYPE}`, parent: undefined },
      { name: 'inner', parent: ack?.spanId },
    ]);
    expect(inner.isRecording()).toBe(false);
    expect(inner.spanContext()).toMatchObject({ traceId: ack?.traceId, traceFlags: TraceFlags.NONE });
    expect(scene.finished).toEqual([]);
  });

  test('a failure outside of the sample is offered to the sampler again, with what failed; it may say no again', async () => {
    const { scene, asked } = sampling(() => SamplingDecision.NOT_RECORD);
    scene.delivery(received('e1'));
    const failing = () => Promise.reject(new HandlerError('thrown', 'no database'));
    await expect(traced(scene.spans, eventOf('e1'), failing)).rejects.toThrow('no database');
    const ack = scene.spans.ofEvent('e1');
    scene.delivery(acked('e1', 500));
    expect(asked).toEqual([
      { name: `ack ${TYPE}`, parent: undefined, error: undefined },
      { name: `process ${TYPE}`, parent: ack?.spanId, error: 'thrown' },
      { name: `ack ${TYPE}`, parent: ack?.spanId, error: 'ack_500' },
    ]);
    expect(scene.finished).toEqual([]);
  });

  test('a sampler that wants failures gets them whole, with their true times', async () => {
    const { scene, recorded } = sampling((error) =>
      error === undefined ? SamplingDecision.NOT_RECORD : SamplingDecision.RECORD_AND_SAMPLED,
    );
    scene.connection(started(1), connected(1));
    const receivedAt = scene.clock.wallNow();
    scene.delivery(received('e1'));
    const { traceId, spanId } = scene.spans.ofEvent('e1') ?? {};
    const failing = async () => {
      await scene.clock.advanceBy(RUN_MS);
      throw new HandlerError('thrown', 'token t-caecc734c2e3328a62489fe0648c4b98779515d3 refused');
    };
    await expect(traced(scene.spans, eventOf('e1'), failing)).rejects.toThrow('refused');
    await scene.clock.advanceBy(5);
    scene.delivery(acked('e1', 500));
    const [run, ack] = recorded;
    const timesOf = (span: ReadableSpan | undefined) =>
      span && [msOf(span.startTime) - receivedAt, msOf(span.endTime) - receivedAt];
    expect([timesOf(run), timesOf(ack)]).toEqual([
      [0, RUN_MS],
      [0, RUN_MS + 5],
    ]);
    expect(recorded.map((span) => [span.name, span.kind, span.spanContext().traceId])).toEqual([
      [`process ${TYPE}`, SpanKind.CONSUMER, traceId],
      [`ack ${TYPE}`, SpanKind.CLIENT, traceId],
    ]);
    expect(recorded.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([spanId, spanId]);
    expect(recorded.map(({ status }) => status)).toEqual([
      { code: SpanStatusCode.ERROR, message: 'token [redacted] refused' },
      { code: SpanStatusCode.ERROR, message: 'acked with code 500' },
    ]);
    const told = {
      'feishu.app': 'a',
      'feishu.event.age_s': 1.5,
      'feishu.event.source': 'push',
      'messaging.client.id': 'c1',
      'messaging.message.id': 'e1',
    };
    expect(run?.attributes).toMatchObject({ ...told, 'error.type': 'thrown', 'messaging.operation.name': 'process' });
    expect(ack?.attributes).toMatchObject({ ...told, 'error.type': 'ack_500', 'messaging.operation.name': 'ack' });
    expect(scene.spans.ofEvent('e1')?.spanId).toBe(ack?.spanContext().spanId);
  });

  test.each<[string, (scene: Scene) => void]>([
    ['overloaded', (scene) => scene.delivery({ type: 'dropped', reason: 'overloaded', eventType: TYPE, detail: '' })],
    ['socket_gone', (scene) => scene.delivery(ackFailed('e1', 'socket_gone'))],
    ['journal_refused', (scene) => scene.delivery(ackFailed('e1', 'journal_refused'))],
    ['aborted', (scene) => scene.spans.dispose()],
  ])('an ack outside of the sample that is %s is offered again', (failure, happen) => {
    const { scene, asked } = sampling(() => SamplingDecision.NOT_RECORD);
    scene.delivery(received('e1'));
    happen(scene);
    expect(asked.map(({ error }) => error)).toEqual([undefined, failure]);
    scene.spans.dispose();
    expect(asked).toHaveLength(2);
  });

  test('of several acks of an event each that fails is offered again', () => {
    const { scene, asked } = sampling(() => SamplingDecision.NOT_RECORD);
    const again: DeliveryReport = { type: 'duplicate', eventType: TYPE, eventId: 'e1', of: 'in_flight' };
    scene.delivery(received('e1'));
    const first = scene.spans.ofEvent('e1');
    scene.delivery(redelivered('e1'), again);
    const second = scene.spans.ofEvent('e1');
    scene.delivery(acked('e1', 500), ackFailed('e1', 'socket_gone'), acked('e1', 500));
    expect(asked.slice(2)).toEqual([
      { name: `ack ${TYPE}`, parent: first?.spanId, error: 'ack_500' },
      { name: `ack ${TYPE}`, parent: second?.spanId, error: 'socket_gone' },
    ]);
  });

  test('a run that ends after its event was forgotten takes nothing from the next one of that id', () => {
    const { scene, asked } = sampling(() => SamplingDecision.NOT_RECORD);
    let end: TraceEnded | null = null;
    scene.delivery(received('e0'));
    scene.spans.traceDelivery(eventOf('e0'), (ended) => {
      end = ended;
    });
    scene.delivery(acked('e0'));
    for (let i = 1; i <= 1_000; i += 1) scene.delivery(received(`e${i}`));
    scene.delivery(redelivered('e0'));
    const again = scene.spans.ofEvent('e0');
    (end as TraceEnded | null)?.(null, RUN_MS);
    scene.delivery(acked('e0', 500));
    expect(asked.at(-1)).toEqual({ name: `ack ${TYPE}`, parent: again?.spanId, error: 'ack_500' });
  });

  test('an event that went well is forgotten, though a copy of it came meanwhile', () => {
    const { scene } = sampling(() => SamplingDecision.NOT_RECORD);
    let end: TraceEnded | null = null;
    scene.delivery(received('e1'));
    scene.spans.traceDelivery(eventOf('e1'), (ended) => {
      end = ended;
    });
    const again: DeliveryReport = { type: 'duplicate', eventType: TYPE, eventId: 'e1', of: 'in_flight' };
    scene.delivery(redelivered('e1'), again, acked('e1'), acked('e1'));
    (end as TraceEnded | null)?.(null, RUN_MS);
    expect(scene.spans.traceparentOf('e1')).toBeNull();
  });

  test('of a copy that is refused while the first is owed the copy alone has failed', () => {
    const { scene, asked } = sampling(() => SamplingDecision.NOT_RECORD);
    scene.delivery(received('e1'), redelivered('e1'));
    const copy = scene.spans.ofEvent('e1');
    scene.delivery({ type: 'dropped', reason: 'stopping', eventType: TYPE, detail: '' }, acked('e1'));
    expect(asked.slice(2)).toEqual([{ name: `ack ${TYPE}`, parent: copy?.spanId, error: 'stopping' }]);
  });

  test('a later run of an event that was not sampled is asked for anew, as a root', async () => {
    const { scene, asked } = sampling(() => SamplingDecision.NOT_RECORD);
    scene.delivery(received('e1'));
    await traced(scene.spans, eventOf('e1'), async () => {});
    await traced(scene.spans, eventOf('e1'), async () => {});
    expect(asked.map(({ name, parent }) => ({ name, parent }))).toEqual([
      { name: `ack ${TYPE}`, parent: undefined },
      { name: `process ${TYPE}`, parent: undefined },
    ]);
  });

  test('spans that are recorded though they are not sampled are whole: whoever records them may want to see', async () => {
    const { scene, recorded } = sampling(() => SamplingDecision.RECORD);
    scene.delivery(received('e1'));
    const failing = () => Promise.reject(new HandlerError('thrown', 'no database'));
    await expect(traced(scene.spans, eventOf('e1'), failing)).rejects.toThrow('no database');
    scene.delivery(acked('e1', 500));
    const [run, ack] = recorded;
    expect(recorded.map(({ name }) => name)).toEqual([`process ${TYPE}`, `ack ${TYPE}`]);
    expect(run?.parentSpanContext?.spanId).toBe(ack?.spanContext().spanId);
    expect(recorded.map(({ attributes }) => attributes['error.type'])).toEqual(['thrown', 'ack_500']);
    expect(recorded.map(({ attributes }) => attributes['messaging.message.id'])).toEqual(['e1', 'e1']);
  });

  test('a handler can build on the context that it runs in', async () => {
    const { scene } = sampling(() => SamplingDecision.NOT_RECORD);
    const key = createContextKey('theirs');
    scene.delivery(received('e1'));
    const [own, without, theirs] = await traced(scene.spans, eventOf('e1'), async () => [
      trace.getSpan(context.active().setValue(key, 'kept'))?.spanContext(),
      trace.getSpan(trace.deleteSpan(context.active())),
      context.active().setValue(key, 'kept').getValue(key),
    ]);
    expect([own, without, theirs]).toEqual([scene.spans.ofEvent('e1'), undefined, 'kept']);
  });

  test('a tracer that throws costs a count, not the event', async () => {
    const broken = { getTracer: () => ({ startSpan: () => explode() }) } as unknown as TracerProvider;
    const scene = new Scene(broken);
    scene.connection(started(1));
    scene.delivery(received('e1'));
    expect(await traced(scene.spans, eventOf('e1'), async () => 'done')).toBe('done');
    expect(scene.errors).toEqual(['spans', 'spans', 'spans']);
  });
});

/** A scene with a sampler that decides by what failed, if anything: what it was asked for, what was recorded and ended. */
function sampling(decide: (error: unknown) => SamplingDecision) {
  const asked: { readonly name: string; readonly parent: string | undefined; readonly error: unknown }[] = [];
  const recorded: ReadableSpan[] = [];
  const provider = new BasicTracerProvider({
    sampler: {
      shouldSample: (parent, _traceId, name, _kind, attributes) => {
        const error = attributes['error.type'];
        if (name !== 'feishu.ws.connect') asked.push({ name, parent: trace.getSpanContext(parent)?.spanId, error });
        return { decision: decide(error) };
      },
    },
    spanProcessors: [
      {
        onStart: () => {},
        onEnd: (span) => recorded.push(span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  return { scene: Object.assign(new Scene(provider), { provider }), asked, recorded };
}

/** The handler's promise, once its run in a trace has ended. */
function traced<T>(spans: Spans, event: TracedEvent, handle: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    spans.traceDelivery(event, (ended) => {
      handle().then(
        (result) => {
          ended?.(null, RUN_MS);
          resolve(result);
        },
        (error: HandlerError) => {
          ended?.(error, RUN_MS);
          reject(error);
        },
      );
    });
  });
}

function msOf([seconds, nanos]: readonly [number, number]): number {
  return seconds * 1_000 + nanos / 1_000_000;
}

function explode(): never {
  throw new Error('bang');
}
