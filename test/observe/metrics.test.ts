import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { type ConnectionReport, FAILURES, type FailureCode, STATES, verdictOf } from '../../src/connection/index.js';
import { DEAD_LETTER_REASONS, type DeliveryReport, JOURNAL_FAILURES } from '../../src/delivery/index.js';
import {
  API_FAILURES,
  collectProcessMetrics,
  createMetrics,
  createRegistry,
  type HttpCall,
  LOG_LEVELS,
  METRIC_NAMES,
  type Metrics,
  type MetricsOptions,
  type MetricsRegistry,
} from '../../src/observe/index.js';
import type { Moment } from '../../src/ports/index.js';
import { SEND_FAILURES, type SinkReport } from '../../src/sinks/index.js';
import { TOKEN_FAILURES } from '../../src/token/index.js';
import { samplesOf, scrapedText } from '../support/exposition.js';
import { LIMITS } from '../support/metric-limits.js';

const BUILD = { version: '1.2.3', nodeSdk: '1.74.0', node: '20.20.0' };
const EPOCH_MS = 1_700_000_000_000;

/** So many seconds after the beginning. */
function at(seconds: number): Moment {
  return { now: seconds * 1_000, wallNow: EPOCH_MS + seconds * 1_000 };
}

function metricsOf(
  registry: MetricsRegistry,
  app = 'a',
  eventTypes: readonly string[] = ['im.message.receive_v1'],
  parts: Partial<MetricsOptions> = {},
): Metrics {
  return createMetrics({ registry, app, eventTypes, limits: LIMITS, build: BUILD, ...parts });
}

/** An app that has everything an app may have. */
const WHOLE: Partial<MetricsOptions> = {
  hasJournal: true,
  sink: 'jetstream',
  lookout: {
    serverViewIntervalMs: 900_000,
    hasCatchup: true,
    canaryIntervalMs: 300_000,
    budget: () => ({ level: 'free', used: 120, projected: 3_000, quota: 10_000 }),
  },
};

/** One app's metrics, fed, and then one of its series by name and own labels. */
async function fed(
  feed: (metrics: Metrics) => void,
  parts: Partial<MetricsOptions> = WHOLE,
): Promise<(series: string) => number | undefined> {
  const registry = createRegistry();
  feed(metricsOf(registry, 'a', ['im.message.receive_v1'], parts));
  const samples = await samplesOf(registry);
  return (series) => {
    const name = series.replace(/\{.*/, '');
    const wanted = labelsOf(series);
    for (const [key, value] of samples) {
      if (key.replace(/\{.*/, '') !== name) continue;
      const labels = labelsOf(key).filter((label) => label !== 'app="a"');
      if (labels.length === wanted.length && wanted.every((label) => labels.includes(label))) return value;
    }
    return undefined;
  };
}

function labelsOf(series: string): string[] {
  return series.match(/[a-z_]+="[^"]*"/g) ?? [];
}

const lost: ConnectionReport = {
  type: 'disconnected',
  attempt: 1,
  connectionId: 'c1',
  failure: { code: 'connection_reset', detail: '' },
  sessionMs: 61_000,
  closeCode: null,
  outage: 1,
};
const connected = (attempt: number): ConnectionReport => ({
  type: 'connected',
  attempt,
  connectionId: 'c',
  outage: null,
});
const moved = (from: (typeof STATES)[number], to: (typeof STATES)[number]): ConnectionReport => ({
  type: 'state_changed',
  from,
  to,
});

describe('from the start', () => {
  test('every metric of the catalogue is there, and every known label set at 0', async () => {
    const read = await fed(() => {});
    const registry = createRegistry();
    metricsOf(registry, 'a', [], WHOLE);
    const body = await scrapedText(registry);
    // Whether a sink is up nobody knows until something was sent to it, nor what the platform counts until it was asked.
    const untold: readonly string[] = ['feishu_sink_up', 'feishu_ws_server_connections'];
    // The daemon's own, of no app.
    const isOfDaemon = (name: string) => /^feishu_connector_(http|certificate|config)_/.test(name);
    for (const name of METRIC_NAMES.filter((each) => !untold.includes(each) && !isOfDaemon(each)))
      expect(body).toMatch(new RegExp(`^${name}(_count)?\\{`, 'm'));
    for (const failure of Object.keys(FAILURES) as FailureCode[]) {
      const verdict = verdictOf(failure);
      expect(read(`feishu_ws_connect_failures_total{failure="${failure}",verdict="${verdict}"}`)).toBe(0);
      expect(read(`feishu_ws_disconnects_total{failure="${failure}"}`)).toBe(0);
    }
    for (const failure of Object.keys(TOKEN_FAILURES)) {
      expect(read(`feishu_token_refresh_failures_total{token_type="tenant",failure="${failure}"}`)).toBe(0);
    }
    for (const type of ['im.message.receive_v1', 'other']) {
      expect(read(`feishu_events_received_total{event_type="${type}"}`)).toBe(0);
    }
    for (const failure of API_FAILURES) {
      expect(read(`feishu_api_failures_total{api="/callback/ws/endpoint",failure="${failure}"}`)).toBe(0);
    }
    for (const reason of JOURNAL_FAILURES) expect(read(`feishu_journal_failures_total{reason="${reason}"}`)).toBe(0);
    for (const reason of DEAD_LETTER_REASONS) {
      expect(read(`feishu_event_dead_letters_total{reason="${reason}"}`)).toBe(0);
    }
    for (const failure of Object.keys(SEND_FAILURES)) {
      expect(read(`feishu_sink_failures_total{sink="jetstream",failure="${failure}"}`)).toBe(0);
    }
    for (const level of LOG_LEVELS) expect(read(`feishu_connector_log_messages_total{level="${level}"}`)).toBe(0);
  });

  test('it is enabled but neither connected nor alive, and the limits are told', async () => {
    const read = await fed(() => {});
    expect(read('feishu_ws_enabled')).toBe(1);
    expect(read('feishu_ws_connected')).toBe(0);
    expect(read('feishu_ws_state{state="idle"}')).toBe(1);
    expect(read('feishu_ws_last_frame_timestamp_seconds')).toBe(0);
    expect(read('feishu_connector_supervisor_heartbeat_timestamp_seconds')).toBe(0);
    expect(read('feishu_ws_heartbeat_interval_seconds')).toBe(120);
    expect(read('feishu_ws_silence_limit_seconds')).toBe(130);
    expect(read('feishu_ws_backoff_max_seconds')).toBe(30);
    expect(read('feishu_event_handler_deadline_seconds')).toBe(60);
    expect(read('feishu_event_queue_capacity')).toBe(1_000);
    expect(read('feishu_token_refresh_margin_seconds{token_type="tenant"}')).toBe(900);
    expect(read('feishu_connector_build_info{version="1.2.3",node_sdk="1.74.0",node="20.20.0"}')).toBe(1);
  });

  test('without a journal and a sink none of their series is there, so that none looks healthy', async () => {
    const registry = createRegistry();
    const metrics = metricsOf(registry);
    metrics.onDelivery({ type: 'journal_failed', reason: 'append', detail: '' }, at(1));
    metrics.onSink({ type: 'sink_up', sink: 'webhook', downForMs: null, detail: '' }, at(1));
    const body = await scrapedText(registry);
    expect(body).not.toMatch(/^feishu_(journal|sink|event_retries|event_dead_letters)/m);
    const samples = await samplesOf(registry);
    expect(samples.get('feishu_connector_telemetry_errors_total{reason="bad_labels"}')).toBe(0);
  });

  test('one app with 30 event types and all it may have stays within 1,000 series, and reports add none', async () => {
    const registry = createRegistry();
    const metrics = metricsOf(
      registry,
      'a',
      Array.from({ length: 30 }, (_, i) => `type.number_${i}`),
      WHOLE,
    );
    metrics.onSink({ type: 'sink_up', sink: 'jetstream', downForMs: null, detail: '' }, at(0));
    metrics.onCatchup({ type: 'server_view', seen: 1, expected: 1, verdict: 'agrees', isChange: true }, at(0));
    const before = (await samplesOf(registry)).size;
    for (let i = 0; i < 50; i += 1) {
      metrics.onDelivery(received(`unheard.of_${i}`), at(i));
      metrics.onHttp(call({ route: `/never/heard/of/${i}` }), at(i));
    }
    const samples = await samplesOf(registry);
    expect(before).toBeLessThanOrEqual(1_000);
    expect(samples.size).toBe(before);
    expect(samples.get('feishu_events_received_total{app="a",event_type="other"}')).toBe(50);
    expect(samples.get('feishu_api_requests_total{app="a",api="other"}')).toBe(50);
  });
});

describe('the connection', () => {
  test('exactly one state is 1, whichever it is', async () => {
    for (const state of STATES) {
      const read = await fed((metrics) => metrics.onConnection(moved('idle', state), at(1)));
      expect(STATES.filter((each) => read(`feishu_ws_state{state="${each}"}`) === 1)).toEqual([state]);
    }
  });

  test('it is connected from the proof, through suspicion, until it is lost', async () => {
    const story: [ConnectionReport, number][] = [
      [moved('discovering', 'dialing'), 0],
      [moved('dialing', 'proving'), 0],
      [moved('proving', 'connected'), 0],
      [connected(1), 1],
      [moved('connected', 'suspect'), 1],
      [moved('suspect', 'connected'), 1],
      [lost, 0],
    ];
    const registry = createRegistry();
    const metrics = metricsOf(registry);
    for (const [report, expected] of story) {
      metrics.onConnection(report, at(1));
      expect((await samplesOf(registry)).get('feishu_ws_connected{app="a"}')).toBe(expected);
    }
  });

  test('a state that is neither connected nor suspect is not connected, whatever was left unsaid', async () => {
    const read = await fed((metrics) => {
      metrics.onConnection(connected(1), at(1));
      metrics.onConnection(moved('connected', 'waiting'), at(2));
    });
    expect(read('feishu_ws_connected')).toBe(0);
  });

  test('the end of a socket that was replaced does not disconnect its successor', async () => {
    const read = await fed((metrics) => {
      metrics.onConnection(connected(1), at(1));
      metrics.onConnection(connected(2), at(2));
      metrics.onConnection(lost, at(3));
    });
    expect(read('feishu_ws_connected')).toBe(1);
    expect(read('feishu_ws_disconnects_total{failure="connection_reset"}')).toBe(1);
  });

  test('attempts count all, reconnect attempts those after the first', async () => {
    const read = await fed((metrics) => {
      metrics.onConnection({ type: 'attempt_started', attempt: 1, isReconnect: false, outage: null }, at(1));
      metrics.onConnection({ type: 'attempt_started', attempt: 2, isReconnect: true, outage: 1 }, at(7));
    });
    expect(read('feishu_ws_connect_attempts_total')).toBe(2);
    expect(read('feishu_ws_reconnect_attempts_total')).toBe(1);
    expect(read('feishu_ws_last_attempt_timestamp_seconds')).toBe(EPOCH_MS / 1_000 + 7);
  });

  test('a failed attempt is counted with the verdict of its failure, its step with its duration', async () => {
    const read = await fed((metrics) => {
      metrics.onConnection(
        {
          type: 'attempt_failed',
          attempt: 1,
          step: 'discovery',
          failure: { code: 'credentials_rejected', detail: '' },
          verdict: 'operator',
          durationMs: 80,
          outage: null,
        },
        at(1),
      );
      metrics.onConnection(
        { type: 'step_finished', attempt: 1, step: 'discovery', durationMs: 80, gateway: null },
        at(1),
      );
    });
    expect(read('feishu_ws_connect_failures_total{failure="credentials_rejected",verdict="operator"}')).toBe(1);
    expect(read('feishu_ws_connect_duration_seconds_sum{step="discovery"}')).toBe(0.08);
  });

  test('the next attempt is known while waiting, and only then', async () => {
    const waiting: ConnectionReport = {
      type: 'waiting',
      attempt: 1,
      retryInMs: 2_500,
      failure: 'dns_failed',
      verdict: 'retry',
      outage: 1,
    };
    const next = async (...reports: ConnectionReport[]): Promise<number | undefined> => {
      const read = await fed((metrics) => {
        for (const report of reports) metrics.onConnection(report, at(1));
      });
      return read('feishu_ws_next_attempt_timestamp_seconds');
    };
    expect(await next(waiting)).toBe(EPOCH_MS / 1_000 + 3.5);
    expect(await next(waiting, { type: 'attempt_started', attempt: 2, isReconnect: true, outage: 1 })).toBe(0);
    expect(await next(waiting, moved('waiting', 'stopped'))).toBe(0);
  });

  test('an outage has a start while it lasts, and a duration when it is over', async () => {
    const registry = createRegistry();
    const metrics = metricsOf(registry);
    const started = async (): Promise<number | undefined> =>
      (await samplesOf(registry)).get('feishu_ws_outage_started_timestamp_seconds{app="a"}');
    metrics.onConnection({ type: 'outage_started', outage: 1, cause: 'dns_failed' }, at(5));
    metrics.onConnection(connected(3), at(20));
    expect(await started()).toBe(EPOCH_MS / 1_000 + 5);
    const outage = { number: 1, cause: 'dns_failed', durationMs: 15_000, attempts: 2 } as const;
    metrics.onConnection({ type: 'outage_ended', outage }, at(80));
    expect(await started()).toBe(0);
    const samples = await samplesOf(registry);
    expect(samples.get('feishu_ws_outage_duration_seconds_sum{app="a"}')).toBe(15);
    metrics.onConnection({ type: 'outage_started', outage: 2, cause: 'dns_failed' }, at(90));
    metrics.onConnection(moved('waiting', 'stopped'), at(91));
    expect(await started()).toBe(0);
  });

  test('the first open stays, the last one moves', async () => {
    const read = await fed((metrics) => {
      metrics.onConnection(connected(1), at(1));
      metrics.onConnection(connected(2), at(9));
    });
    expect(read('feishu_ws_first_open_timestamp_seconds')).toBe(EPOCH_MS / 1_000 + 1);
    expect(read('feishu_ws_last_open_timestamp_seconds')).toBe(EPOCH_MS / 1_000 + 9);
  });

  test.each<[string, ConnectionReport]>([
    ['the 101', moved('dialing', 'proving')],
    ['a protocol pong', { type: 'heartbeat_answered', attempt: 1, kind: 'protocol', rttMs: 20 }],
    ['a WebSocket pong', { type: 'heartbeat_answered', attempt: 1, kind: 'websocket', rttMs: 20 }],
    ['a frame', { type: 'frame', attempt: 1, direction: 'in', frameType: 'event' }],
    ['an unreadable frame', { type: 'frame_error', attempt: 1, reason: 'malformed', detail: '' }],
  ])('%s moves the last frame, and no event', async (_what, report) => {
    const read = await fed((metrics) => metrics.onConnection(report, at(3)));
    expect(read('feishu_ws_last_frame_timestamp_seconds')).toBe(EPOCH_MS / 1_000 + 3);
    expect(read('feishu_event_last_received_timestamp_seconds')).toBe(0);
  });

  test('what we send does not move the last frame', async () => {
    const read = await fed((metrics) => {
      metrics.onConnection({ type: 'frame', attempt: 1, direction: 'out', frameType: 'ping' }, at(3));
      metrics.onConnection({ type: 'heartbeat_sent', attempt: 1, kind: 'protocol' }, at(3));
    });
    expect(read('feishu_ws_last_frame_timestamp_seconds')).toBe(0);
    expect(read('feishu_ws_frames_total{direction="out",type="ping"}')).toBe(1);
    expect(read('feishu_ws_heartbeats_sent_total')).toBe(1);
  });

  test('the pacing in force replaces the limits of the start', async () => {
    const read = await fed((metrics) => {
      metrics.onConnection({ type: 'pacing', heartbeatIntervalMs: 90_000, silenceLimitMs: 95_000 }, at(1));
      metrics.onConnection({ type: 'sockets', open: 2 }, at(1));
    });
    expect(read('feishu_ws_heartbeat_interval_seconds')).toBe(90);
    expect(read('feishu_ws_silence_limit_seconds')).toBe(95);
    expect(read('feishu_ws_sockets_open')).toBe(2);
  });

  test('what happens beside a proven connection is counted, and moves nothing that speaks of the app', async () => {
    const beside = { isStandby: true, outage: null } as const;
    const read = await fed((metrics) => {
      metrics.onConnection(connected(1), at(1));
      metrics.onConnection({ type: 'attempt_started', attempt: 2, isReconnect: false, ...beside }, at(2));
      metrics.onConnection({ ...connected(2), ...beside } as ConnectionReport, at(3));
      metrics.onConnection({ ...lost, attempt: 1, ...beside } as ConnectionReport, at(4));
    });
    expect(read('feishu_ws_connected')).toBe(1);
    expect(read('feishu_ws_last_open_timestamp_seconds')).toBe(at(1).wallNow / 1_000);
    expect(read('feishu_ws_connect_attempts_total')).toBe(1);
    expect(read('feishu_ws_disconnects_total{failure="connection_reset"}')).toBe(1);
    expect(read('feishu_ws_connections_wanted')).toBe(1);
  });

  test('only the explicit pause disables; a stop does not', async () => {
    const stopped = await fed((metrics) => metrics.onConnection(moved('connected', 'stopped'), at(1)));
    expect(stopped('feishu_ws_enabled')).toBe(1);
    const paused = await fed((metrics) => metrics.setEnabled(false));
    expect(paused('feishu_ws_enabled')).toBe(0);
  });
});

describe('events', () => {
  test('a pushed event is received; what catch-up found is not, but has an age', async () => {
    const read = await fed((metrics) => {
      metrics.onDelivery(received('im.message.receive_v1'), at(4));
      metrics.onDelivery({ ...received('im.message.receive_v1'), source: 'catchup', ageMs: 60_000 }, at(9));
    });
    expect(read('feishu_events_received_total{event_type="im.message.receive_v1"}')).toBe(1);
    expect(read('feishu_event_last_received_timestamp_seconds')).toBe(EPOCH_MS / 1_000 + 4);
    expect(read('feishu_event_delivery_age_seconds_sum{source="push"}')).toBe(0.25);
    expect(read('feishu_event_delivery_age_seconds_sum{source="catchup"}')).toBe(60);
  });

  test('an event from the future is new, one without a create time has no age', async () => {
    const read = await fed((metrics) => {
      metrics.onDelivery({ ...received('im.message.receive_v1'), ageMs: -5_000 }, at(4));
      metrics.onDelivery({ ...received('im.message.receive_v1'), ageMs: null }, at(4));
    });
    expect(read('feishu_event_delivery_age_seconds_sum{source="push"}')).toBe(0);
    expect(read('feishu_event_delivery_age_seconds_count{source="push"}')).toBe(1);
    expect(read('feishu_connector_telemetry_errors_total{reason="bad_value"}')).toBe(0);
  });

  test('acks, late acks and failed acks are three counters', async () => {
    const ids = { eventType: 'im.message.receive_v1', eventId: 'e1' };
    const read = await fed((metrics) => {
      metrics.onDelivery({ type: 'acked', kind: 'event', ...ids, code: 200, latencyMs: 20, isLate: false }, at(1));
      metrics.onDelivery({ type: 'acked', kind: 'event', ...ids, code: 200, latencyMs: 4_000, isLate: true }, at(1));
      metrics.onDelivery({ type: 'ack_failed', kind: 'event', ...ids, failure: 'socket_gone' }, at(1));
    });
    expect(read('feishu_event_acks_total{kind="event"}')).toBe(2);
    expect(read('feishu_event_acks_late_total{kind="event"}')).toBe(1);
    expect(read('feishu_event_ack_failures_total{failure="socket_gone"}')).toBe(1);
    expect(read('feishu_event_ack_duration_seconds_bucket{kind="event",le="3"}')).toBe(1);
  });

  test('handlers have durations and failures by type, and strangers share one label', async () => {
    const finished = (eventType: string): DeliveryReport => ({
      type: 'handler_finished',
      eventType,
      eventId: 'e1',
      durationMs: 500,
      attempt: 1,
      failure: 'thrown',
      detail: 'x',
    });
    const read = await fed((metrics) => {
      metrics.onDelivery(finished('im.message.receive_v1'), at(1));
      metrics.onDelivery(finished('who.knows_v9'), at(1));
    });
    for (const type of ['im.message.receive_v1', 'other']) {
      expect(read(`feishu_event_handler_duration_seconds_sum{event_type="${type}"}`)).toBe(0.5);
      expect(read(`feishu_event_handler_failures_total{event_type="${type}",reason="thrown"}`)).toBe(1);
    }
  });

  test('duplicates, drops, expired fragments and the queue are told', async () => {
    const read = await fed((metrics) => {
      metrics.onDelivery({ type: 'duplicate', eventType: 't', eventId: 'e', of: 'finished' }, at(1));
      metrics.onDelivery({ type: 'dropped', reason: 'overloaded', eventType: 't', detail: '' }, at(1));
      metrics.onDelivery({ type: 'fragments_expired', messageId: 'm', arrived: 1, sum: 3 }, at(1));
      metrics.onDelivery({ type: 'pending', depth: 7, capacity: 500, oldestWallMs: EPOCH_MS }, at(1));
    });
    expect(read('feishu_event_duplicates_total')).toBe(1);
    expect(read('feishu_events_dropped_total{reason="overloaded"}')).toBe(1);
    expect(read('feishu_event_fragments_expired_total')).toBe(1);
    expect(read('feishu_event_queue_depth')).toBe(7);
    expect(read('feishu_event_queue_capacity')).toBe(500);
    expect(read('feishu_event_oldest_pending_timestamp_seconds')).toBe(EPOCH_MS / 1_000);
  });
});

describe('the journal', () => {
  const ids = { eventType: 'im.message.receive_v1', eventId: 'e1' };

  test('what it remembered at its opening is told at once, its size and its dead letters whenever they change', async () => {
    const opened: DeliveryReport = {
      type: 'journal_opened',
      unfinished: 7,
      deadLetters: 2,
      remembered: 100,
      sizeBytes: 65_536,
      durationMs: 12,
    };
    const first = await fed((metrics) => metrics.onDelivery(opened, at(1)));
    expect(first('feishu_journal_size_bytes')).toBe(65_536);
    expect(first('feishu_event_dead_letters')).toBe(2);
    const later = await fed((metrics) => {
      metrics.onDelivery(opened, at(1));
      metrics.onDelivery({ type: 'journal_size', bytes: 131_072 }, at(2));
      metrics.onDelivery({ type: 'dead_letters', count: 1 }, at(2));
    });
    expect(later('feishu_journal_size_bytes')).toBe(131_072);
    expect(later('feishu_event_dead_letters')).toBe(1);
  });

  test('how long an event took to be durable, and what the journal could not do, by reason', async () => {
    const read = await fed((metrics) => {
      metrics.onDelivery({ type: 'journaled', ...ids, durationMs: 0.75 }, at(1));
      metrics.onDelivery({ type: 'journaled', ...ids, durationMs: 40 }, at(1));
      metrics.onDelivery({ type: 'journal_failed', reason: 'disk_full', detail: 'x' }, at(1));
      metrics.onDelivery({ type: 'ack_failed', kind: 'event', ...ids, failure: 'journal_refused' }, at(1));
    });
    expect(read('feishu_journal_append_duration_seconds_bucket{le="0.001"}')).toBe(1);
    expect(read('feishu_journal_append_duration_seconds_sum')).toBe(0.04075);
    expect(read('feishu_journal_failures_total{reason="disk_full"}')).toBe(1);
    expect(read('feishu_journal_failures_total{reason="append"}')).toBe(0);
    expect(read('feishu_event_ack_failures_total{failure="journal_refused"}')).toBe(1);
  });

  test('an event that fails ten times is ten failures and nine retries, one failed event, and one dead letter', async () => {
    const read = await fed((metrics) => {
      for (let attempt = 1; attempt <= 10; attempt += 1) {
        metrics.onDelivery(
          { type: 'handler_finished', ...ids, durationMs: 5, attempt, failure: 'thrown', detail: 'x' },
          at(attempt),
        );
        if (attempt === 10) break;
        metrics.onDelivery({ type: 'retry_scheduled', ...ids, attempt, delayMs: 1_000, isCounted: true }, at(attempt));
      }
      metrics.onDelivery({ type: 'dead_lettered', ...ids, reason: 'attempts', attempts: 10, detail: 'x' }, at(11));
    });
    expect(read('feishu_event_handler_failures_total{event_type="im.message.receive_v1",reason="thrown"}')).toBe(10);
    expect(read('feishu_event_retries_total')).toBe(9);
    expect(read('feishu_events_failed_total')).toBe(1);
    expect(read('feishu_event_dead_letters_total{reason="attempts"}')).toBe(1);
    expect(read('feishu_event_dead_letters_total{reason="held"}')).toBe(0);
  });

  test('a redelivery is received and has an age of its own kind; one too old to act on is dropped', async () => {
    const read = await fed((metrics) => {
      metrics.onDelivery({ ...received('im.message.receive_v1'), source: 'redelivery', ageMs: 20_000_000 }, at(1));
      metrics.onDelivery({ type: 'dropped', reason: 'too_old', eventType: 't', detail: '' }, at(1));
    });
    expect(read('feishu_events_received_total{event_type="im.message.receive_v1"}')).toBe(1);
    expect(read('feishu_event_delivery_age_seconds_sum{source="redelivery"}')).toBe(20_000);
    expect(read('feishu_events_dropped_total{reason="too_old"}')).toBe(1);
  });
});

describe('the sink', () => {
  const tried = {
    sink: 'jetstream',
    eventType: 'im.message.receive_v1',
    eventId: 'e1',
    attempt: 1,
    durationMs: 30,
  } as const;
  const sent: SinkReport = { ...tried, type: 'sent', isDuplicate: false };
  const failed: SinkReport = {
    ...tried,
    type: 'send_failed',
    failure: 'timeout',
    remedy: 'later',
    afterMs: null,
    detail: '',
  };

  test('tries and failures are two counters, and both have a duration', async () => {
    const read = await fed((metrics) => {
      for (const report of [sent, failed, sent]) metrics.onSink(report, at(1));
    });
    expect(read('feishu_sink_sends_total{sink="jetstream"}')).toBe(3);
    expect(read('feishu_sink_failures_total{sink="jetstream",failure="timeout"}')).toBe(1);
    expect(read('feishu_sink_send_duration_seconds_count{sink="jetstream"}')).toBe(3);
    expect(read('feishu_sink_send_duration_seconds_sum{sink="jetstream"}')).toBe(0.09);
  });

  test('whether it is up has no sample until something is known, and then follows what is known', async () => {
    const up: SinkReport = { type: 'sink_up', sink: 'jetstream', downForMs: null, detail: '' };
    const down: SinkReport = { type: 'sink_down', sink: 'jetstream', failure: 'unreachable', detail: '' };
    const told = async (...reports: SinkReport[]): Promise<number | undefined> => {
      const read = await fed((metrics) => {
        for (const report of reports) metrics.onSink(report, at(1));
      });
      return read('feishu_sink_up{sink="jetstream"}');
    };
    expect(await told(failed)).toBeUndefined();
    expect(await told(down)).toBe(0);
    expect(await told(down, up)).toBe(1);
    expect(await told(up, down)).toBe(0);
  });

  test('an app that leaves takes its sink along, and a word that comes later brings nothing back', async () => {
    const registry = createRegistry();
    const metrics = metricsOf(registry, 'a', [], WHOLE);
    metrics.onSink({ type: 'sink_up', sink: 'jetstream', downForMs: null, detail: '' }, at(1));
    metrics.dispose();
    metrics.onSink({ type: 'sink_down', sink: 'jetstream', failure: 'closed', detail: '' }, at(2));
    const samples = await samplesOf(registry);
    expect([...samples.keys()].filter((series) => series.includes('app="a"'))).toEqual([]);
    expect(samples.get('feishu_connector_telemetry_errors_total{reason="bad_labels"}')).toBe(0);
  });
});

describe('tokens, API calls and the process', () => {
  const refreshed = {
    type: 'refreshed',
    tokenType: 'tenant',
    durationMs: 120,
    expiresInMs: 7_200_000,
    marginMs: 600_000,
    isNew: true,
    failuresBefore: 0,
  } as const;

  test('a refresh sets the expiry; a failure leaves it, as the old token is still in use', async () => {
    const read = await fed((metrics) => {
      metrics.onToken({ type: 'refresh_started', tokenType: 'tenant' }, at(1));
      metrics.onToken(refreshed, at(1));
      metrics.onToken({ type: 'refresh_started', tokenType: 'tenant' }, at(2));
      metrics.onToken(
        {
          type: 'refresh_failed',
          tokenType: 'tenant',
          durationMs: 5_000,
          failure: 'token_timeout',
          verdict: 'retry',
          detail: '',
          retryInMs: 1_000,
          validForMs: 7_000_000,
        },
        at(7),
      );
    });
    expect(read('feishu_token_refresh_attempts_total{token_type="tenant"}')).toBe(2);
    expect(read('feishu_token_refresh_failures_total{token_type="tenant",failure="token_timeout"}')).toBe(1);
    expect(read('feishu_token_refresh_duration_seconds_count{token_type="tenant"}')).toBe(2);
    expect(read('feishu_token_expiry_timestamp_seconds{token_type="tenant"}')).toBe(EPOCH_MS / 1_000 + 7_201);
    expect(read('feishu_token_refresh_margin_seconds{token_type="tenant"}')).toBe(600);
  });

  test('a token that the platform refuses has expired, whatever was promised', async () => {
    const read = await fed((metrics) => {
      metrics.onToken(refreshed, at(1));
      metrics.onToken({ type: 'invalidated', tokenType: 'tenant', code: 99_991_663 }, at(30));
    });
    expect(read('feishu_token_expiry_timestamp_seconds{token_type="tenant"}')).toBe(EPOCH_MS / 1_000 + 30);
  });

  test('API calls are counted by route, their failures by kind, their limits by reason', async () => {
    const api = '/callback/ws/endpoint';
    const read = await fed((metrics) => {
      metrics.onHttp(call({}), at(1));
      metrics.onHttp(call({ status: null, error: 'timeout', apiCode: null }), at(1));
      metrics.onHttp(call({ status: 502, apiCode: null }), at(1));
      metrics.onHttp(call({ status: 400, apiCode: 99_991_400 }), at(1));
      metrics.onHttp(call({ status: 200, apiCode: 99_991_403 }), at(1));
    });
    expect(read(`feishu_api_requests_total{api="${api}"}`)).toBe(5);
    expect(read(`feishu_api_failures_total{api="${api}",failure="timeout"}`)).toBe(1);
    expect(read(`feishu_api_failures_total{api="${api}",failure="http_status"}`)).toBe(1);
    expect(read(`feishu_api_failures_total{api="${api}",failure="api_code"}`)).toBe(2);
    expect(read('feishu_api_limited_total{reason="rate"}')).toBe(1);
    expect(read('feishu_api_limited_total{reason="quota"}')).toBe(1);
    expect(read(`feishu_api_duration_seconds_sum{api="${api}"}`)).toBe(0.5);
  });

  test('the supervisor ticks, clock jumps have a direction, log lines a level', async () => {
    const read = await fed((metrics) => {
      metrics.onSupervisor({ type: 'tick' }, at(10));
      metrics.onSupervisor({ type: 'clock_jumped', byMs: 5_000 }, at(10));
      metrics.onSupervisor({ type: 'clock_jumped', byMs: -5_000 }, at(10));
      metrics.onLog('warn');
    });
    expect(read('feishu_connector_supervisor_heartbeat_timestamp_seconds')).toBe(EPOCH_MS / 1_000 + 10);
    expect(read('feishu_connector_clock_jumps_total{direction="forward"}')).toBe(1);
    expect(read('feishu_connector_clock_jumps_total{direction="backward"}')).toBe(1);
    expect(read('feishu_connector_log_messages_total{level="warn"}')).toBe(1);
  });

  test('the metrics of the process are added once, however often one asks', async () => {
    const registry = createRegistry();
    collectProcessMetrics(registry);
    collectProcessMetrics(registry);
    const body = await scrapedText(registry);
    expect(body).toContain('process_start_time_seconds');
    expect(body).toContain('nodejs_eventloop_lag_p99_seconds');
  });
});

describe('sharing and safety', () => {
  test('two apps share a registry, each with its own series and state, and leave it one by one', async () => {
    const registry = createRegistry();
    const a = metricsOf(registry, 'a');
    const b = metricsOf(registry, 'b');
    a.onConnection(connected(1), at(1));
    b.onConnection(moved('idle', 'waiting'), at(1));
    a.onLog('info');
    b.onLog('info');
    const both = await samplesOf(registry);
    expect(both.get('feishu_ws_connected{app="a"}')).toBe(1);
    expect(both.get('feishu_ws_connected{app="b"}')).toBe(0);
    expect(both.get('feishu_ws_state{app="a",state="idle"}')).toBe(1);
    expect(both.get('feishu_ws_state{app="b",state="waiting"}')).toBe(1);
    expect(both.get('feishu_connector_log_messages_total{level="info"}')).toBe(2);

    a.dispose();
    a.onConnection(connected(2), at(2));
    const rest = [...(await samplesOf(registry)).keys()];
    expect(rest.filter((series) => series.includes('app="a"'))).toEqual([]);
    expect(rest).toContain('feishu_ws_connected{app="b"}');
    expect((await samplesOf(registry)).get('feishu_connector_telemetry_errors_total{reason="bad_labels"}')).toBe(0);

    const again = metricsOf(registry, 'a');
    expect((await samplesOf(registry)).get('feishu_ws_connected{app="a"}')).toBe(0);
    again.dispose();
  });

  test('the same alias twice in one registry is refused', () => {
    const registry = createRegistry();
    metricsOf(registry, 'a');
    expect(() => metricsOf(registry, 'a')).toThrow('give this one another name (app), or dispose of the other');
  });

  test('nothing lands in the global registry of prom-client', async () => {
    const { register } = await import('prom-client');
    metricsOf(createRegistry());
    expect(register.getMetricsAsArray()).toEqual([]);
    expect(register).toBeInstanceOf(Registry);
  });

  test('a report that breaks the subscriber is counted, and the caller does not notice', async () => {
    const registry = createRegistry();
    const metrics = metricsOf(registry);
    metrics.onConnection({ type: 'attempt_failed' } as never, at(1));
    metrics.onConnection(
      { type: 'step_finished', attempt: 1, step: 'dial', durationMs: Number.NaN, gateway: null },
      at(1),
    );
    const samples = await samplesOf(registry);
    expect(samples.get('feishu_connector_telemetry_errors_total{reason="metrics"}')).toBe(1);
    expect(samples.get('feishu_connector_telemetry_errors_total{reason="bad_value"}')).toBe(1);
  });

  test('with OpenMetrics each duration and reconnect attempt names the span that explains it', async () => {
    const registry = createRegistry(true);
    const spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
    const spans = {
      ofAttempt: () => spanContext,
      ofEvent: () => spanContext,
      ofCatchup: () => null,
      ofCall: () => spanContext,
    };
    const metrics = createMetrics({
      registry,
      app: 'a',
      eventTypes: [],
      limits: LIMITS,
      build: BUILD,
      spans,
      openMetrics: true,
      ...WHOLE,
    });
    metrics.onConnection({ type: 'attempt_started', attempt: 2, isReconnect: true, outage: 1 }, at(1));
    metrics.onConnection({ type: 'step_finished', attempt: 2, step: 'dial', durationMs: 30, gateway: null }, at(1));
    metrics.onConnection(lost, at(1));
    metrics.onDelivery(
      { type: 'acked', kind: 'event', eventType: 't', eventId: 'e', code: 200, latencyMs: 3, isLate: false },
      at(1),
    );
    metrics.onDelivery({ type: 'journaled', eventType: 't', eventId: 'e', durationMs: 1 }, at(1));
    metrics.onSink(
      {
        type: 'sent',
        sink: 'jetstream',
        eventType: 't',
        eventId: 'e',
        attempt: 1,
        durationMs: 1,
        isDuplicate: false,
      },
      at(1),
    );
    metrics.onHttp(call({}), at(1));
    const lines = (await scrapedText(registry)).split('\n').filter((line) => line.includes(spanContext.spanId));
    expect(lines.map((line) => line.replace(/\{.*/, '')).sort()).toEqual([
      'feishu_api_duration_seconds_bucket',
      'feishu_event_ack_duration_seconds_bucket',
      'feishu_journal_append_duration_seconds_bucket',
      'feishu_sink_send_duration_seconds_bucket',
      'feishu_ws_connect_duration_seconds_bucket',
      'feishu_ws_reconnect_attempts_total',
      'feishu_ws_session_duration_seconds_bucket',
    ]);
  });
});

function received(eventType: string): Extract<DeliveryReport, { type: 'event_received' }> {
  return { type: 'event_received', eventType, eventId: 'e1', source: 'push', ageMs: 250, payloadBytes: 100 };
}

function call(changes: Partial<HttpCall>): HttpCall {
  return {
    route: '/callback/ws/endpoint',
    method: 'POST',
    status: 200,
    error: null,
    apiCode: 0,
    startedAt: at(0),
    durationMs: 100,
    address: 'open.feishu.cn',
    ...changes,
  };
}
