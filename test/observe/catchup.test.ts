import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { describe, expect, test } from 'vitest';
import type { BudgetLevel, CatchupReport, GapRecord } from '../../src/catchup/index.js';
import { CALL_FAILURES, PROOFS, RECOVERIES, SUSPICIONS, VIEW_VERDICTS } from '../../src/catchup/index.js';
import type { ConnectionReport } from '../../src/connection/index.js';
import {
  createLogger,
  createLogs,
  createMetrics,
  createObserver,
  createRegistry,
  createSpans,
  type LookoutMetrics,
  type Observer,
} from '../../src/observe/index.js';
import { momentOf } from '../../src/ports/index.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import { samplesOf } from '../support/exposition.js';
import { HandClock } from '../support/hand-clock.js';
import { MemoryStore } from '../support/memory-store.js';
import { LIMITS } from '../support/metric-limits.js';
import { virtualWorld } from '../support/world.js';

/** One app's whole observer, told what the outside look tells. */
class Scene {
  readonly clock = new HandClock();
  readonly registry = createRegistry();
  readonly exporter = new InMemorySpanExporter();
  readonly lines: Readonly<Record<string, unknown>>[] = [];
  readonly observer: Observer;
  level: BudgetLevel | null = null;

  constructor(parts: Partial<LookoutMetrics> | null = {}) {
    const { clock, registry } = this;
    const spans = createSpans({
      app: 'a',
      eventTypes: [],
      clock,
      tracerProvider: new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.exporter)] }),
    });
    const lookout = parts && {
      serverViewIntervalMs: 900_000,
      hasCatchup: true,
      canaryIntervalMs: 300_000,
      budget: () => (this.level === null ? null : { level: this.level, used: 120, projected: 3_000, quota: 10_000 }),
      ...parts,
    };
    const destination = { write: (line: string) => void this.lines.push(JSON.parse(line)) };
    this.observer = createObserver({
      spans,
      metrics: createMetrics({ registry, app: 'a', eventTypes: [], limits: LIMITS, spans, lookout }),
      logs: createLogs({ logger: createLogger({ destination }), app: 'a', eventTypes: [], clock, spans }),
    });
  }

  tell(...reports: readonly CatchupReport[]): this {
    for (const report of reports) this.observer.onCatchup(report, momentOf(this.clock));
    return this;
  }

  connection(...reports: readonly ConnectionReport[]): this {
    for (const report of reports) this.observer.onConnection(report, momentOf(this.clock));
    return this;
  }

  /** One series of the app, such as `feishu_event_gaps_open`; undefined if it does not exist. */
  async read(name: string, labels = ''): Promise<number | undefined> {
    const samples = await samplesOf(this.registry);
    expect(samples.get('feishu_connector_telemetry_errors_total{reason="bad_labels"}')).toBe(0);
    return samples.get(`${name}{app="a"${labels === '' ? '' : `,${labels}`}}`);
  }

  get said(): unknown[] {
    return this.lines.map(({ level, msg }) => `${level} ${msg}`);
  }

  spansOf(name: string): readonly ReadableSpan[] {
    return this.exporter.getFinishedSpans().filter((span) => span.name === name);
  }
}

const view = (seen: number, verdict: (typeof VIEW_VERDICTS)[number], isChange = true): CatchupReport => ({
  type: 'server_view',
  seen,
  expected: 1,
  verdict,
  isChange,
});
const VIEW_FAILED: CatchupReport = {
  type: 'view_failed',
  failure: 'scope_missing',
  verdict: 'operator',
  detail: 'HTTP 400, code 99991672',
};
const record = (parts: Partial<GapRecord> = {}): GapRecord => ({
  number: 1,
  cause: 'outage',
  from: 1_700_000_000_000,
  to: 1_700_000_090_000,
  found: 2,
  alreadyKnown: 1,
  unreachable: [],
  recovered: 'yes',
  otherEventTypes: { types: ['card.action.trigger'], why: '' },
  chats: 3,
  calls: 5,
  ...parts,
});
const STARTED: CatchupReport = {
  type: 'catchup_started',
  gaps: [1],
  from: 1_700_000_000_000,
  to: 1_700_000_210_000,
  isResumed: false,
};
const FINISHED: CatchupReport = {
  type: 'catchup_finished',
  gaps: [1],
  found: 2,
  alreadyKnown: 1,
  chats: 3,
  calls: 5,
  durationMs: 1_500,
};
const failed = (failure: Extract<CatchupReport, { type: 'catchup_failed' }>['failure']): CatchupReport => ({
  type: 'catchup_failed',
  gaps: [1],
  failure,
  detail: 'slow down',
  durationMs: 10,
  retryInMs: 60_000,
});

describe('metrics', () => {
  test('what is not looked at has no series, and reports of it add none', async () => {
    const scene = new Scene({ serverViewIntervalMs: null, hasCatchup: false, canaryIntervalMs: null });
    scene.tell(view(1, 'agrees'), VIEW_FAILED, { type: 'gaps', open: 1 }, STARTED, FINISHED, failed('bounds'));
    scene.tell({ type: 'gap_closed', record: record() }, { type: 'canary_seen', roundTripMs: 1 });
    scene.tell({ type: 'canary_missing', missed: 1, waitedMs: 1 });
    const names = [...(await samplesOf(scene.registry)).keys()];
    expect(names.filter((name) => /^feishu_(ws_server|event_gap|catchup|canary|api_quota)/.test(name))).toEqual([]);
    expect(names.filter((name) => name.includes('/open-apis/im/') || name.includes('/open-apis/event/'))).toEqual([]);
    expect(await scene.read('feishu_ws_suspicions_total', 'reason="silence"')).toBe(0);
  });

  test('without a look from outside there is not even a doubt', async () => {
    const scene = new Scene(null).tell({ type: 'suspected', suspicion: 'silence', detail: '' });
    expect(await scene.read('feishu_ws_suspicions_total', 'reason="silence"')).toBeUndefined();
  });

  test('nobody knows what the platform counts before it was asked: that is no 0', async () => {
    const scene = new Scene();
    expect(await scene.read('feishu_ws_server_connections')).toBeUndefined();
    expect(await scene.read('feishu_ws_server_view', 'verdict="unknown"')).toBe(1);
    expect(await scene.read('feishu_ws_server_view_timestamp_seconds')).toBe(0);
  });

  test('the platform told its count: the count, the moment, and exactly one verdict', async () => {
    for (const verdict of VIEW_VERDICTS) {
      const scene = new Scene().tell(view(2, verdict));
      expect(await scene.read('feishu_ws_server_connections')).toBe(2);
      expect(await scene.read('feishu_ws_server_view_timestamp_seconds')).toBe(scene.clock.wallNow() / 1_000);
      for (const each of VIEW_VERDICTS)
        expect(await scene.read('feishu_ws_server_view', `verdict="${each}"`)).toBe(each === verdict ? 1 : 0);
    }
  });

  test('a look that failed makes the verdict unknown, and the moment no younger', async () => {
    const scene = new Scene().tell(view(1, 'agrees'));
    const toldAt = scene.clock.wallNow() / 1_000;
    await scene.clock.advanceBy(60_000);
    scene.tell(VIEW_FAILED);
    expect(await scene.read('feishu_ws_server_view', 'verdict="agrees"')).toBe(0);
    expect(await scene.read('feishu_ws_server_view', 'verdict="unknown"')).toBe(1);
    expect(await scene.read('feishu_ws_server_view_timestamp_seconds')).toBe(toldAt);
  });

  test('the call budget is read at the scrape, and the pause between two looks follows it', async () => {
    const scene = new Scene();
    expect(await scene.read('feishu_api_quota_used')).toBeUndefined();
    expect(await scene.read('feishu_ws_server_view_interval_seconds')).toBe(900);
    scene.level = 'slowed';
    expect(await scene.read('feishu_api_quota_used')).toBe(120);
    expect(await scene.read('feishu_api_quota_projected')).toBe(3_000);
    expect(await scene.read('feishu_api_quota_limit')).toBe(10_000);
    expect(await scene.read('feishu_ws_server_view_interval_seconds')).toBe(3_600);
  });

  test('gaps are counted when they are closed, with the time they lasted; one that was asked for is no lost time', async () => {
    const scene = new Scene().tell(
      { type: 'gap_opened', number: 1, cause: 'outage', from: 0 },
      { type: 'gaps', open: 2 },
      { type: 'gap_closed', record: record() },
      { type: 'gap_closed', record: record({ cause: 'operator', recovered: 'no' }) },
      { type: 'gaps', open: 0 },
    );
    expect(await scene.read('feishu_event_gaps_open')).toBe(0);
    expect(await scene.read('feishu_event_gap_seconds_total')).toBe(90);
    for (const recovered of RECOVERIES) {
      const closed = await scene.read('feishu_event_gaps_closed_total', `recovered="${recovered}"`);
      expect({ recovered, closed }).toEqual({ recovered, closed: recovered === 'unknown' ? 0 : 1 });
    }
  });

  test('runs, failures of every kind, what they found and when the last one reached its end', async () => {
    const scene = new Scene();
    const failures = [...Object.keys(CALL_FAILURES), 'bounds', 'refused'].filter(
      // Those leave out part of a gap, and the run goes on.
      (failure) => !['scope_missing', 'not_a_member', 'api_code'].includes(failure),
    ) as Parameters<typeof failed>[0][];
    for (const failure of failures) scene.tell(STARTED, failed(failure));
    expect(await scene.read('feishu_catchup_last_success_timestamp_seconds')).toBe(0);
    const found = { type: 'catchup_found', eventType: 't', eventId: 'e', ageMs: 1 } as const;
    scene.tell(STARTED, found, found, FINISHED);
    expect(await scene.read('feishu_catchup_runs_total')).toBe(failures.length + 1);
    expect(await scene.read('feishu_catchup_events_total')).toBe(2);
    expect(await scene.read('feishu_catchup_last_success_timestamp_seconds')).toBe(scene.clock.wallNow() / 1_000);
    for (const failure of failures)
      expect(await scene.read('feishu_catchup_failures_total', `failure="${failure}"`)).toBe(1);
  });

  test('doubts, proofs, replacements and those in vain, each by itself', async () => {
    const scene = new Scene();
    for (const suspicion of SUSPICIONS) scene.tell({ type: 'suspected', suspicion, detail: '' });
    scene.tell({ type: 'replace_advised', proofs: PROOFS, detail: '' });
    scene.tell({ type: 'replace_judged', isEffective: true }, { type: 'replace_judged', isEffective: false });
    for (const reason of SUSPICIONS)
      expect(await scene.read('feishu_ws_suspicions_total', `reason="${reason}"`)).toBe(1);
    for (const reason of PROOFS) expect(await scene.read('feishu_ws_proofs_total', `reason="${reason}"`)).toBe(1);
    expect(await scene.read('feishu_ws_replacements_advised_total')).toBe(1);
    expect(await scene.read('feishu_ws_replacements_vain_total')).toBe(1);
    scene.tell({
      type: 'reconciled',
      trigger: 'silence',
      verdict: 'deaf',
      chats: 1,
      compared: 3,
      missing: 1,
      detail: '',
    });
    expect(await scene.read('feishu_catchup_comparisons_total', 'verdict="deaf"')).toBe(1);
  });

  test('a canary that came moves the moment, one that did not is counted', async () => {
    const scene = new Scene();
    expect(await scene.read('feishu_canary_interval_seconds')).toBe(300);
    expect(await scene.read('feishu_canary_last_received_timestamp_seconds')).toBe(0);
    scene.tell({ type: 'canary_missing', missed: 1, waitedMs: 30_000 }, { type: 'canary_seen', roundTripMs: 800 });
    expect(await scene.read('feishu_canary_missed_total')).toBe(1);
    expect(await scene.read('feishu_canary_last_received_timestamp_seconds')).toBe(scene.clock.wallNow() / 1_000);
  });

  test('proven connections are counted one by one, standbys and successors included', async () => {
    const connected = (attempt: number, more: object = {}): ConnectionReport => ({
      type: 'connected',
      attempt,
      connectionId: `c${attempt}`,
      outage: null,
      ...more,
    });
    const ended = (attempt: number): ConnectionReport => ({
      type: 'disconnected',
      attempt,
      connectionId: `c${attempt}`,
      failure: { code: 'connection_reset', detail: '' },
      sessionMs: 1,
      closeCode: null,
      outage: null,
    });
    const scene = new Scene();
    expect(await scene.read('feishu_ws_connections_proven')).toBe(0);
    scene.connection(connected(1), connected(2, { isStandby: true }), connected(3, { replaces: 1 }));
    expect(await scene.read('feishu_ws_connections_proven')).toBe(3);
    scene.connection(ended(1));
    expect(await scene.read('feishu_ws_connections_proven')).toBe(2);
    scene.connection({ type: 'state_changed', from: 'connected', to: 'stopped' });
    expect(await scene.read('feishu_ws_connections_proven')).toBe(0);
  });
});

describe('spans', () => {
  const regained: readonly ConnectionReport[] = [
    { type: 'attempt_started', attempt: 7, isReconnect: true, outage: 1 },
    { type: 'connected', attempt: 7, connectionId: 'c7', outage: null },
  ];

  test('a run is a root of its own, linked to the attempt that ended the outage', async () => {
    const scene = new Scene().connection(...regained);
    scene.tell({ type: 'gap_opened', number: 1, cause: 'outage', from: 0 }, STARTED);
    await scene.clock.advanceBy(1_500);
    scene.tell(FINISHED);
    const [span] = scene.spansOf('feishu.catchup');
    const [connect] = scene.spansOf('feishu.ws.connect');
    expect(span?.parentSpanContext).toBeUndefined();
    expect(span?.links.map(({ context }) => context.spanId)).toEqual([connect?.spanContext().spanId]);
    expect(span?.attributes).toEqual({ 'feishu.app': 'a', 'feishu.gap_s': 210, 'feishu.catchup.events': 2 });
    expect(span?.status.code).toBe(0);
    expect(span?.duration).toEqual([1, 500_000_000]);
    expect(scene.lines.find(({ event }) => event === 'catchup_finished')?.span_id).toBe(span?.spanContext().spanId);
  });

  test('a run that fails says why, and the next one is a span of its own', () => {
    const scene = new Scene().connection(...regained).tell(STARTED, failed('rate_limited'), STARTED, FINISHED);
    const [first, second] = scene.spansOf('feishu.catchup');
    expect(first?.attributes['error.type']).toBe('rate_limited');
    expect(first?.status.message).toBe('slow down');
    expect(second?.attributes).not.toHaveProperty('error.type');
    expect(second?.spanContext().traceId).not.toBe(first?.spanContext().traceId);
  });

  test('what an operator asked for is linked to no outage', () => {
    const scene = new Scene().connection(...regained);
    scene.tell({ type: 'gap_opened', number: 1, cause: 'operator', from: 0 }, STARTED, FINISHED);
    expect(scene.spansOf('feishu.catchup')[0]?.links).toEqual([]);
  });

  test('a run that the end of the process cuts off is ended with it', () => {
    const scene = new Scene().tell(STARTED);
    scene.observer.dispose();
    expect(scene.spansOf('feishu.catchup')[0]?.attributes['error.type']).toBe('aborted');
  });

  test('a run is not the child of whatever happens to be active', () => {
    const other = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      traceFlags: 1,
    });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    try {
      const scene = new Scene();
      context.with(other, () => {
        expect(trace.getActiveSpan()).toBeDefined();
        scene.tell(STARTED, FINISHED);
      });
      const [span] = scene.spansOf('feishu.catchup');
      expect(span?.parentSpanContext).toBeUndefined();
      expect(span?.spanContext().traceId).not.toBe('a'.repeat(32));
    } finally {
      context.disable();
    }
  });
});

describe('lines', () => {
  test('a verdict is told when it changes, with what to do about it', () => {
    const scene = new Scene().tell(view(1, 'agrees'), view(1, 'agrees', false), view(2, 'foreign_consumer'));
    expect(scene.said).toEqual(['info [feishu] server view', 'warn [feishu] server view']);
    expect(scene.lines[1]).toMatchObject({ verdict: 'foreign_consumer', seen: 2, expected: 1 });
    expect(scene.lines[1]?.help).toMatch(/Somebody else is connected/);
  });

  test('looks that fail are told sparsely, each new failure at once, and louder where a human is needed', () => {
    const scene = new Scene();
    for (let i = 0; i < 4; i += 1) scene.tell(VIEW_FAILED);
    scene.tell({ type: 'view_failed', failure: 'unreachable', verdict: 'retry', detail: '' });
    expect(scene.lines.map(({ failure, failures }) => [failure, failures])).toEqual([
      ['scope_missing', 1],
      ['scope_missing', 2],
      ['scope_missing', 4],
      ['unreachable', 5],
    ]);
    expect(scene.said[0]).toBe('error [feishu] server view failed');
    expect(scene.said.at(-1)).toBe('warn [feishu] server view failed');
  });

  test('a gap is closed with its whole record: from, to, what was found, and what could not be read', () => {
    const unreachable = [
      { what: 'chats', count: 4, why: 'scope_missing', detail: 'im:message.group_msg is missing' },
    ] as const;
    const scene = new Scene().tell(
      { type: 'gap_opened', number: 1, cause: 'outage', from: 1_700_000_000_000 },
      { type: 'gap_closed', record: record() },
      { type: 'gap_closed', record: record({ unreachable, recovered: 'unknown' }) },
    );
    expect(scene.said).toEqual(['info [feishu] gap opened', 'info [feishu] gap closed', 'warn [feishu] gap closed']);
    expect(scene.lines[0]).toMatchObject({ gap: 1, cause: 'outage', from: '2023-11-14T22:13:20.000Z' });
    expect(scene.lines[2]).toMatchObject({
      from: '2023-11-14T22:13:20.000Z',
      to: '2023-11-14T22:14:50.000Z',
      gap_s: 90,
      found: 2,
      already_known: 1,
      recovered: 'unknown',
      unreachable: ['4 chats: scope_missing'],
      detail: 'im:message.group_msg is missing',
      help: CALL_FAILURES.scope_missing.help,
      other_event_types: ['card.action.trigger'],
    });
  });

  test('a gap that nobody wanted to be read is no warning', () => {
    const unreachable = [{ what: 'time', count: 1, why: 'disabled', detail: 'catch-up is switched off' }] as const;
    const scene = new Scene().tell({ type: 'gap_closed', record: record({ unreachable, recovered: 'unknown' }) });
    expect(scene.said).toEqual(['info [feishu] gap closed']);
  });

  test('a run that fails says why, when it is tried again, and what to do; our own stop is no failure', () => {
    const scene = new Scene().tell(STARTED, failed('refused'), STARTED, failed('aborted'));
    expect(scene.said).toEqual([
      'info [feishu] catch-up started',
      'warn [feishu] catch-up failed',
      'info [feishu] catch-up started',
      'info [feishu] catch-up failed',
    ]);
    expect(scene.lines[1]).toMatchObject({ failure: 'refused', retry_in_s: 60, detail: 'slow down' });
    expect(scene.lines[1]?.help).toMatch(/delivery did not take/);
  });

  test('doubt, proof and advice are told with their reasons; what is routine accuses nobody', () => {
    const scene = new Scene().tell(
      { type: 'suspected', suspicion: 'silence', detail: 'about 20 events were expected' },
      { type: 'cleared', suspicion: 'silence' },
      { type: 'suspected', suspicion: 'operator', detail: 'asked for' },
      { type: 'replace_advised', proofs: ['silence', 'count_below'], detail: 'proven by both' },
      { type: 'replace_judged', isEffective: false },
    );
    expect(scene.said).toEqual([
      'warn [feishu] connection doubted',
      'info [feishu] doubt cleared',
      'info [feishu] connection doubted',
      'warn [feishu] replacement advised',
      'warn [feishu] replacement judged',
    ]);
    expect(scene.lines[3]).toMatchObject({ proofs: ['silence', 'count_below'] });
    expect(scene.lines[4]?.help).toMatch(/doctor/);
  });

  test('canaries are told when they are missing, when they are back, and when they cannot be caused', () => {
    const scene = new Scene().tell(
      { type: 'canary_seen', roundTripMs: 500 },
      { type: 'canary_missing', missed: 1, waitedMs: 30_000 },
      { type: 'canary_failed', detail: 'no chat' },
      { type: 'canary_seen', roundTripMs: 500 },
    );
    expect(scene.said).toEqual([
      'warn [feishu] canary missing',
      'warn [feishu] canary could not be caused',
      'info [feishu] canary seen',
    ]);
  });

  test('a budget that tightens is told with its numbers, our own bugs as errors', () => {
    const numbers = { used: 9_900, projected: 12_000, quota: 10_000 };
    const scene = new Scene().tell(
      { type: 'budget', level: 'slowed', ...numbers },
      { type: 'budget', level: 'exhausted', ...numbers },
      { type: 'look_failed', detail: 'TypeError: x' },
      { type: 'notes_failed', detail: 'disk full' },
    );
    expect(scene.said).toEqual([
      'warn [feishu] call budget',
      'error [feishu] call budget',
      'error [feishu] look from outside failed',
      'error [feishu] notes could not be kept',
    ]);
    expect(scene.lines[1]).toMatchObject({ budget: 'exhausted', ...numbers });
  });
});

test('the real connector after an outage: one gap, one run, what it found, and a count that agrees', async () => {
  const store = new MemoryStore({ clock: new VirtualClock() });
  const world = virtualWorld({ connector: { journal: { directory: 'kept in memory' } } }, { store: async () => store });
  await world.connect();
  await world.chat(3);
  await world.clock.advanceBy(120_000);
  expect(await world.metric('feishu_ws_server_connections{app="bot"}')).toBe(1);
  expect(await world.metric('feishu_ws_server_view{app="bot",verdict="agrees"}')).toBe(1);
  expect(await world.metric('feishu_ws_connections_proven{app="bot"}')).toBe(1);
  world.platform.inject({ fault: 'refuse_tcp', forMs: 300_000 });
  world.platform.inject({ fault: 'drop_socket' });
  await world.clock.advanceBy(60_000);
  await world.chat(2);
  await world.clock.advanceBy(1_200_000);
  expect(world.handled).toHaveLength(5);
  expect(await world.metric('feishu_catchup_events_total{app="bot"}')).toBe(2);
  expect(await world.metric('feishu_event_gaps_open{app="bot"}')).toBe(0);
  expect(await world.metric('feishu_event_gaps_closed_total{app="bot",recovered="yes"}')).toBe(1);
  expect(await world.metric('feishu_event_gap_seconds_total{app="bot"}')).toBeGreaterThan(299);
  expect(await world.metric('feishu_catchup_runs_total{app="bot"}')).toBe(1);
  expect(await world.metric('feishu_api_quota_used{app="bot"}')).toBeGreaterThan(2);
  expect(await world.metric('feishu_connector_telemetry_errors_total{reason="bad_labels"}')).toBe(0);
  expect(world.logs.find(({ event }) => event === 'gap_closed')).toMatchObject({ cause: 'outage', recovered: 'yes' });
  await world.stop();
});
