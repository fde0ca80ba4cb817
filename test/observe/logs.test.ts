import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type DestinationStream, type Logger, pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { type ConnectionReport, FAILURES, type FailureCode } from '../../src/connection/index.js';
import { DEAD_LETTER_REASONS, type DeliveryReport, JOURNAL_FAILURES } from '../../src/delivery/index.js';
import { createLogger, createLogs, type LogLevel, type Logs, NO_SPANS } from '../../src/observe/index.js';
import { momentOf } from '../../src/ports/index.js';
import { SEND_FAILURES, type SinkReport } from '../../src/sinks/index.js';
import { HandClock } from '../support/hand-clock.js';

type Line = Readonly<Record<string, unknown>>;

/** Keeps lines as objects, without time and level number noise. */
class Journal implements DestinationStream {
  readonly lines: Line[] = [];
  readonly raw: string[] = [];
  write(line: string): void {
    this.raw.push(line);
    const { time, pid, hostname, ...rest } = JSON.parse(line) as Line;
    this.lines.push(rest);
  }
}

class Scene {
  readonly clock = new HandClock();
  readonly journal = new Journal();
  readonly counted: LogLevel[] = [];
  readonly logs: Logs;

  constructor(
    parts: {
      readonly level?: LogLevel;
      readonly logger?: Logger;
      readonly traceId?: string;
      readonly eventTypes?: readonly string[];
    } = {},
  ) {
    const { level = 'info', traceId, eventTypes = ['im.message.receive_v1'] } = parts;
    const spanContext = traceId === undefined ? null : { traceId, spanId: 'b7ad6b7169203331', traceFlags: 1 };
    this.logs = createLogs({
      logger: parts.logger ?? createLogger({ level, destination: this.journal }),
      app: 'a',
      eventTypes,
      clock: this.clock,
      onLog: (each) => this.counted.push(each),
      spans: { ...NO_SPANS, ofAttempt: () => spanContext },
    });
  }

  connection(...reports: readonly ConnectionReport[]): void {
    for (const report of reports) this.logs.onConnection(report, momentOf(this.clock));
  }

  delivery(...reports: readonly DeliveryReport[]): void {
    for (const report of reports) this.logs.onDelivery(report, momentOf(this.clock));
  }

  sink(...reports: readonly SinkReport[]): void {
    for (const report of reports) this.logs.onSink(report, momentOf(this.clock));
  }

  get messages(): unknown[] {
    return this.journal.lines.map((line) => line.msg);
  }
}

const started = (attempt: number, outage: number | null = 1): ConnectionReport => ({
  type: 'attempt_started',
  attempt,
  isReconnect: outage !== null,
  outage,
});
const failed = (attempt: number, code: FailureCode, detail = ''): ConnectionReport => ({
  type: 'attempt_failed',
  attempt,
  step: 'discovery',
  failure: { code, detail },
  verdict: FAILURES[code].verdict,
  durationMs: 10,
  outage: 1,
});
const lost: ConnectionReport = {
  type: 'disconnected',
  attempt: 1,
  connectionId: 'c1',
  failure: { code: 'closed_by_peer', detail: 'bye' },
  sessionMs: 61_500,
  closeCode: 1001,
  outage: 1,
};

describe('the connection', () => {
  test('an outage is four fixed lines with the fields that people search for', async () => {
    const scene = new Scene();
    scene.connection(started(1, null), { type: 'connected', attempt: 1, connectionId: 'c1', outage: null }, lost);
    scene.connection(started(2));
    await scene.clock.advanceBy(12_345);
    const outage = { number: 1, cause: 'closed_by_peer', durationMs: 12_345, attempts: 1 } as const;
    scene.connection({ type: 'connected', attempt: 2, connectionId: 'c2', outage });
    expect(scene.journal.lines).toEqual([
      { level: 'info', app: 'a', event: 'connecting', attempt: 1, msg: '[feishu] connecting' },
      { level: 'info', app: 'a', event: 'connected', attempt: 1, connection_id: 'c1', msg: '[feishu] connected' },
      {
        level: 'warn',
        app: 'a',
        event: 'disconnected',
        failure: 'closed_by_peer',
        attempt: 1,
        connection_id: 'c1',
        outage_id: 1,
        session_s: 61.5,
        close_code: 1001,
        detail: 'bye',
        msg: '[feishu] disconnected',
      },
      { level: 'info', app: 'a', event: 'reconnecting', attempt: 2, outage_id: 1, msg: '[feishu] reconnecting' },
      {
        level: 'info',
        app: 'a',
        event: 'reconnected',
        attempt: 2,
        connection_id: 'c2',
        failure: 'closed_by_peer',
        outage_id: 1,
        outage_s: 12.345,
        attempts: 1,
        gap: '2026-01-01T00:00:00.000Z/2026-01-01T00:00:12.345Z',
        msg: '[feishu] reconnected',
      },
    ]);
    expect(scene.counted).toEqual(['info', 'info', 'warn', 'info', 'info']);
  });

  test('of a long outage only attempts 1, 2, 4, 8 … and one every ten minutes are told, with their failures', async () => {
    const scene = new Scene();
    for (let attempt = 2; attempt <= 101; attempt += 1) {
      scene.connection(started(attempt), failed(attempt, 'dns_failed'));
      await scene.clock.advanceBy(30_000);
    }
    const told = (message: string): unknown[] =>
      scene.journal.lines.filter((line) => line.msg === message).map((line) => Number(line.attempt) - 1);
    const expected = [1, 2, 4, 8, 16, 32, 52, 64, 84];
    expect(told('[feishu] reconnecting')).toEqual(expected);
    expect(told('[feishu] attempt failed')).toEqual(expected);
  });

  test('a failure not seen before in the outage is told at once, with help if a human is needed', () => {
    const scene = new Scene();
    for (const attempt of [1, 2]) scene.connection(started(attempt), failed(attempt, 'dns_failed'));
    scene.connection(started(3), failed(3, 'credentials_rejected', 'code 10014, app_secret=0123456789'));
    scene.connection(started(5), failed(5, 'dns_failed'));
    expect(scene.journal.lines.filter((line) => line.attempt === 3)).toEqual([
      {
        level: 'error',
        app: 'a',
        event: 'attempt_failed',
        failure: 'credentials_rejected',
        verdict: 'operator',
        step: 'discovery',
        attempt: 3,
        attempts: 3,
        outage_id: 1,
        detail: 'code 10014, app_secret=[redacted]',
        help: FAILURES.credentials_rejected.help,
        msg: '[feishu] attempt failed',
      },
    ]);
  });

  test('after a disconnect the count starts anew', () => {
    const scene = new Scene();
    for (const attempt of [1, 2, 3]) scene.connection(started(attempt));
    scene.connection({ type: 'connected', attempt: 3, connectionId: 'c', outage: null }, lost, started(4));
    expect(scene.messages.at(-1)).toBe('[feishu] reconnecting');
  });

  test('what happens beside a proven connection is told of a standby, by the same rule, and is no warning', () => {
    const beside = { outage: null, isStandby: true } as const;
    const scene = new Scene();
    scene.connection({ ...lost, ...beside } as ConnectionReport);
    for (let attempt = 2; attempt <= 6; attempt++) {
      scene.connection({ ...started(attempt), ...beside } as ConnectionReport);
      scene.connection({ ...failed(attempt, 'connection_limit'), ...beside } as ConnectionReport);
    }
    scene.connection({ type: 'connected', attempt: 7, connectionId: 'c7', ...beside });
    expect(scene.messages).toEqual([
      '[feishu] standby disconnected',
      ...Array(3).fill(['[feishu] standby connecting', '[feishu] standby attempt failed']).flat(),
      '[feishu] standby connected',
    ]);
    const [disconnected, , attemptFailed] = scene.journal.lines;
    expect(disconnected).toMatchObject({ level: 'info', event: 'standby_disconnected', failure: 'closed_by_peer' });
    expect(attemptFailed).toMatchObject({
      level: 'error',
      event: 'standby_attempt_failed',
      failure: 'connection_limit',
    });
  });

  test('our own stop is no warning', () => {
    const scene = new Scene();
    scene.connection({ ...lost, failure: { code: 'local_stop', detail: '' }, outage: null } as ConnectionReport);
    expect(scene.journal.lines[0]).toMatchObject({ level: 'info', failure: 'local_stop' });
  });

  test('lines carry the trace of their attempt', () => {
    const scene = new Scene({ traceId: '0af7651916cd43dd8448eb211c80319c' });
    scene.connection(started(1));
    expect(scene.journal.lines[0]).toMatchObject({
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      span_id: 'b7ad6b7169203331',
      trace_flags: '01',
    });
  });

  test('frames and heartbeats are no lines, even at level debug', () => {
    const scene = new Scene({ level: 'debug' });
    scene.connection(
      { type: 'frame', attempt: 1, direction: 'in', frameType: 'event' },
      { type: 'heartbeat_sent', attempt: 1, kind: 'protocol' },
      { type: 'heartbeat_answered', attempt: 1, kind: 'protocol', rttMs: 1 },
    );
    expect(scene.messages).toEqual([]);
  });

  test('unreadable frames, unusable pacing and a late loop are warnings', () => {
    const scene = new Scene();
    scene.connection(
      { type: 'frame_error', attempt: 1, reason: 'malformed', detail: 'field 3' },
      { type: 'pacing_rejected', field: 'PingInterval', detail: '-1' },
      { type: 'late', lateMs: 4_000 },
    );
    expect(scene.journal.lines.map(({ level, event }) => [level, event])).toEqual([
      ['warn', 'frame_error'],
      ['warn', 'pacing_rejected'],
      ['warn', 'late'],
    ]);
  });
});

describe('events', () => {
  const drop: DeliveryReport = {
    type: 'dropped',
    reason: 'overloaded',
    eventType: 'im.message.receive_v1',
    detail: 'full',
  };

  test('each drop is a warning; a flood of them is cut, counted and summed up', async () => {
    const scene = new Scene();
    for (let i = 0; i < 1_000; i += 1) scene.delivery(drop);
    expect(scene.messages).toEqual(Array.from({ length: 5 }, () => '[feishu] event dropped'));
    expect(scene.journal.lines[0]).toMatchObject({ level: 'warn', reason: 'overloaded', detail: 'full' });
    await scene.clock.advanceBy(60_000);
    expect(scene.journal.lines.at(-1)).toEqual({
      level: 'warn',
      app: 'a',
      event: 'suppressed',
      kind: 'dropped:overloaded',
      suppressed: 995,
      msg: '[feishu] more of the same',
    });
  });

  test('a flood of one reason does not hide another', () => {
    const scene = new Scene();
    for (let i = 0; i < 10; i += 1) scene.delivery(drop);
    scene.delivery({ ...drop, reason: 'bad_envelope' });
    expect(scene.journal.lines.at(-1)).toMatchObject({ reason: 'bad_envelope' });
  });

  test('at the end what was suppressed is told, and no timer is left', () => {
    const scene = new Scene();
    for (let i = 0; i < 8; i += 1) scene.delivery(drop);
    scene.logs.dispose();
    expect(scene.journal.lines.at(-1)).toMatchObject({ event: 'suppressed', suppressed: 3 });
    expect(scene.clock.pending).toBe(0);
  });

  test('handlers that fail, acks late or lost, and fragments without siblings are told; what goes well is not', () => {
    const scene = new Scene({ level: 'debug' });
    const ids = { eventType: 'im.message.receive_v1', eventId: 'e1' };
    const finished = { type: 'handler_finished', ...ids, durationMs: 250, attempt: 1, detail: '' } as const;
    const ack = { type: 'acked', kind: 'event', ...ids, code: 200 } as const;
    scene.delivery(
      { type: 'event_received', ...ids, source: 'push', ageMs: 1, payloadBytes: 1 },
      { ...finished, failure: null },
      { ...ack, latencyMs: 10, isLate: false },
      { type: 'pending', depth: 0, capacity: 1, oldestWallMs: 0 },
      { ...finished, failure: 'thrown', detail: 'TypeError: x is undefined' },
      { ...ack, latencyMs: 3_500, isLate: true },
      { type: 'ack_failed', kind: 'event', ...ids, failure: 'socket_gone' },
      { type: 'fragments_expired', messageId: 'm1', arrived: 2, sum: 3 },
    );
    expect(scene.journal.lines).toEqual([
      {
        level: 'error',
        app: 'a',
        event: 'handler_failed',
        failure: 'thrown',
        event_type: 'im.message.receive_v1',
        event_id: 'e1',
        duration_s: 0.25,
        handler_attempt: 1,
        detail: 'TypeError: x is undefined',
        msg: '[feishu] handler failed',
      },
      expect.objectContaining({ level: 'warn', event: 'acked_late', latency_s: 3.5 }),
      expect.objectContaining({ level: 'warn', event: 'ack_failed', failure: 'socket_gone' }),
      expect.objectContaining({ level: 'warn', event: 'fragments_expired', arrived: 2, sum: 3 }),
    ]);
  });
});

describe('the journal and dead letters', () => {
  const ids = { eventType: 'im.message.receive_v1', eventId: 'e1' };

  test('its opening tells what was left over; sizes, counts and what is durable are no lines', () => {
    const scene = new Scene();
    scene.delivery(
      { type: 'journal_opened', unfinished: 3, deadLetters: 1, remembered: 90, sizeBytes: 65_536, durationMs: 12 },
      { type: 'journaled', ...ids, durationMs: 1 },
      { type: 'journal_size', bytes: 70_000 },
      { type: 'dead_letters', count: 1 },
    );
    expect(scene.journal.lines).toEqual([
      {
        level: 'info',
        app: 'a',
        event: 'journal_opened',
        unfinished: 3,
        dead_letters: 1,
        remembered: 90,
        size_bytes: 65_536,
        took_s: 0.012,
        msg: '[feishu] journal opened',
      },
    ]);
  });

  test.each(JOURNAL_FAILURES)(
    'a journal that fails (%s) is an error with what it means, a flood of it is cut',
    async (reason) => {
      const scene = new Scene();
      for (let i = 0; i < 20; i += 1)
        scene.delivery({ type: 'journal_failed', reason, detail: 'no space left on device' });
      await scene.clock.advanceBy(60_000);
      expect(scene.journal.lines).toHaveLength(6);
      expect(scene.journal.lines[0]).toMatchObject({
        level: 'error',
        event: 'journal_failed',
        reason,
        detail: 'no space left on device',
        help: expect.stringMatching(/\.$/),
        msg: '[feishu] journal failed',
      });
      expect(scene.journal.lines[5]).toMatchObject({ kind: `journal_failed:${reason}`, suppressed: 15 });
    },
  );

  test('a retry is a warning with the moment of the next run', () => {
    const scene = new Scene();
    scene.delivery({ type: 'retry_scheduled', ...ids, attempt: 2, delayMs: 4_000, isCounted: false });
    expect(scene.journal.lines).toEqual([
      {
        level: 'warn',
        app: 'a',
        event: 'retry_scheduled',
        event_type: 'im.message.receive_v1',
        event_id: 'e1',
        handler_attempt: 2,
        retry_in_s: 4,
        counted: false,
        msg: '[feishu] retry scheduled',
      },
    ]);
  });

  test.each(DEAD_LETTER_REASONS)('a dead letter (%s) is an error that ends with the command to run', (reason) => {
    const scene = new Scene();
    scene.delivery({ type: 'dead_lettered', ...ids, reason, attempts: 8, detail: 'TypeError: x is undefined' });
    expect(scene.journal.lines).toEqual([
      {
        level: 'error',
        app: 'a',
        event: 'dead_lettered',
        reason,
        event_type: 'im.message.receive_v1',
        event_id: 'e1',
        attempts: 8,
        detail: 'TypeError: x is undefined',
        help: expect.stringMatching(/: feishu-connector dead-letters show e1$/),
        msg: '[feishu] event is a dead letter',
      },
    ]);
  });

  test('what a human did about one is told', () => {
    const scene = new Scene();
    scene.delivery({ type: 'dead_letter_settled', eventId: 'e1', how: 'replayed' });
    expect(scene.journal.lines).toMatchObject([
      { level: 'info', event: 'dead_letter_settled', event_id: 'e1', how: 'replayed' },
    ]);
  });

  test('a flood of retries does not hide a dead letter, nor one type of events another', () => {
    const scene = new Scene({ eventTypes: ['im.message.receive_v1', 'im.chat.updated_v1'] });
    const retry = (eventType: string): DeliveryReport => {
      return { type: 'retry_scheduled', eventType, eventId: 'e', attempt: 1, delayMs: 1, isCounted: true };
    };
    for (let i = 0; i < 50; i += 1) scene.delivery(retry('im.message.receive_v1'));
    scene.delivery(retry('im.chat.updated_v1'));
    scene.delivery({ type: 'dead_lettered', ...ids, reason: 'attempts', attempts: 8, detail: '' });
    expect(scene.journal.lines.slice(5).map(({ event, event_type }) => [event, event_type])).toEqual([
      ['retry_scheduled', 'im.chat.updated_v1'],
      ['dead_lettered', 'im.message.receive_v1'],
    ]);
  });
});

describe('the sink', () => {
  const tried = { sink: 'webhook', eventType: 't', eventId: 'e1', attempt: 1, durationMs: 2_000 } as const;

  test('that it is down is an error with help, that it works again says for how long it did not', () => {
    const scene = new Scene();
    scene.sink(
      { type: 'sink_up', sink: 'webhook', downForMs: null, detail: '' },
      { type: 'sink_down', sink: 'webhook', failure: 'misconfigured', detail: '401 from hooks.example.com' },
      { type: 'sink_up', sink: 'webhook', downForMs: 61_500, detail: '' },
    );
    expect(scene.journal.lines).toEqual([
      { level: 'info', app: 'a', event: 'sink_up', sink: 'webhook', msg: '[feishu] sink is up' },
      {
        level: 'error',
        app: 'a',
        event: 'sink_down',
        sink: 'webhook',
        failure: 'misconfigured',
        detail: '401 from hooks.example.com',
        help: SEND_FAILURES.misconfigured,
        msg: '[feishu] sink is down',
      },
      { level: 'info', app: 'a', event: 'sink_up', sink: 'webhook', down_for_s: 61.5, msg: '[feishu] sink is up' },
    ]);
  });

  test('of tries to get back in touch the 1st, 2nd, 4th, 8th … are told, anew after each success', () => {
    const scene = new Scene();
    const refused = (attempt: number): SinkReport => {
      return {
        type: 'connect_failed',
        sink: 'jetstream',
        failure: 'unreachable',
        attempt,
        retryInMs: 2_000,
        detail: '',
      };
    };
    for (let attempt = 1; attempt <= 9; attempt += 1) scene.sink(refused(attempt));
    scene.sink({ type: 'sink_up', sink: 'jetstream', downForMs: 9_000, detail: '' }, refused(1));
    expect(scene.journal.lines.map(({ event, attempts }) => [event, attempts])).toEqual([
      ['sink_connect_failed', 1],
      ['sink_connect_failed', 2],
      ['sink_connect_failed', 4],
      ['sink_connect_failed', 8],
      ['sink_up', undefined],
      ['sink_connect_failed', 1],
    ]);
  });

  test('single sends are told at level debug at most', () => {
    const reports: SinkReport[] = [
      { ...tried, type: 'sent', isDuplicate: false },
      { ...tried, type: 'send_failed', failure: 'busy', remedy: 'later', afterMs: 500, detail: '503' },
      { type: 'in_flight', sink: 'webhook', count: 1, capacity: 8 },
    ];
    const quiet = new Scene();
    quiet.sink(...reports);
    expect(quiet.journal.lines).toEqual([]);
    const loud = new Scene({ level: 'debug' });
    loud.sink(...reports);
    expect(loud.journal.lines).toMatchObject([
      { level: 'debug', event: 'send_failed', failure: 'busy', remedy: 'later', event_id: 'e1', duration_s: 2 },
    ]);
  });

  test('a link that flaps fills no log', () => {
    const scene = new Scene();
    for (let i = 0; i < 50; i += 1) {
      scene.sink(
        { type: 'sink_down', sink: 'jetstream', failure: 'unreachable', detail: '' },
        { type: 'sink_up', sink: 'jetstream', downForMs: 100, detail: '' },
      );
    }
    expect(scene.journal.lines).toHaveLength(10);
  });
});

describe('tokens, limits and clocks', () => {
  test('token failures are sparse, a new one is told at once, the recovery is told', () => {
    const scene = new Scene();
    const moment = momentOf(scene.clock);
    const fail = (failure: 'token_timeout' | 'token_credentials_rejected', verdict: 'retry' | 'operator'): void =>
      scene.logs.onToken(
        {
          type: 'refresh_failed',
          tokenType: 'tenant',
          durationMs: 1,
          failure,
          verdict,
          detail: '',
          retryInMs: 1_000,
          validForMs: 0,
        },
        moment,
      );
    for (let i = 0; i < 6; i += 1) fail('token_timeout', 'retry');
    fail('token_credentials_rejected', 'operator');
    const refreshed = {
      type: 'refreshed',
      tokenType: 'tenant',
      durationMs: 1,
      expiresInMs: 7_200_000,
      marginMs: 1,
      isNew: true,
    } as const;
    scene.logs.onToken({ ...refreshed, failuresBefore: 7 }, moment);
    scene.logs.onToken({ ...refreshed, failuresBefore: 0 }, moment);
    expect(scene.journal.lines.map(({ level, event, failures }) => [level, event, failures])).toEqual([
      ['warn', 'token_refresh_failed', 1],
      ['warn', 'token_refresh_failed', 2],
      ['warn', 'token_refresh_failed', 4],
      ['error', 'token_refresh_failed', 7],
      ['info', 'token_recovered', 7],
    ]);
    expect(scene.journal.lines[3]?.help).toMatch(/developer console/);
  });

  test('a refused token, a limited call and a clock that jumped are warnings', () => {
    const scene = new Scene();
    const moment = momentOf(scene.clock);
    scene.logs.onToken({ type: 'invalidated', tokenType: 'tenant', code: 99_991_663 }, moment);
    scene.logs.onHttp(
      {
        route: '/r',
        method: 'GET',
        status: 400,
        error: null,
        apiCode: 99_991_403,
        startedAt: moment,
        durationMs: 1,
        address: 'x',
      },
      moment,
    );
    scene.logs.onSupervisor({ type: 'tick' }, moment);
    scene.logs.onSupervisor({ type: 'clock_jumped', byMs: -90_000 }, moment);
    expect(scene.journal.lines.map(({ level, event }) => [level, event])).toEqual([
      ['warn', 'token_invalidated'],
      ['warn', 'api_limited'],
      ['warn', 'clock_jumped'],
    ]);
  });
});

describe('loggers', () => {
  test('any pino logger will do; its level is obeyed and only what is written is counted', () => {
    const journal = new Journal();
    const scene = new Scene({ logger: pino({ level: 'warn' }, journal) });
    const failure = { code: 'protocol_error', detail: 'ticket=0123456789abcdef' } as const;
    scene.connection(started(1), { ...lost, failure } as ConnectionReport);
    expect(journal.lines.map(({ app, msg, detail }) => [app, msg, detail])).toEqual([
      ['a', '[feishu] disconnected', 'ticket=[redacted]'],
    ]);
    expect(scene.counted).toEqual(['warn']);
  });

  test('a logger that throws does not hurt the caller, and is counted', () => {
    const errors: string[] = [];
    const logs = createLogs({
      logger: pino(
        {},
        {
          write: () => {
            throw new Error('disk full');
          },
        },
      ),
      app: 'a',
      eventTypes: [],
      clock: new HandClock(),
      onTelemetryError: (reason) => errors.push(reason),
    });
    logs.onConnection(lost, { now: 0, wallNow: 0 });
    expect(errors).toEqual(['logs']);
  });

  test('the default logger counts its lines by level and names the active span', () => {
    const manager = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(manager);
    const journal = new Journal();
    const counted: LogLevel[] = [];
    const logger = createLogger({ destination: journal, onLog: (level) => counted.push(level) });
    const spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
    context.with(trace.setSpanContext(ROOT_CONTEXT, spanContext), () => logger.child({ x: 1 }).warn('inside'));
    logger.debug('not written');
    logger.error(new Error('outside'));
    context.disable();
    expect(counted).toEqual(['warn', 'error']);
    expect(journal.lines[0]).toEqual({
      level: 'warn',
      x: 1,
      trace_id: spanContext.traceId,
      span_id: spanContext.spanId,
      trace_flags: '01',
      msg: 'inside',
    });
    expect(journal.lines[1]).not.toHaveProperty('trace_id');
  });

  test('whatever is given to the default logger, no secret is written (F43)', () => {
    const journal = new Journal();
    const secrets = ['s3cr3ts3cr3ts3cr3ts3cr3t', 't-caecc734c2e3328a62489fe0648c4b98779515d3', '0123456789abcdef'];
    const [secret, token, key] = secrets;
    const axiosLike = Object.assign(new Error(`Request failed with Bearer ${token}`), {
      config: {
        data: JSON.stringify({ app_id: 'cli_a', app_secret: secret }),
        headers: { Authorization: `Bearer ${token}` },
      },
      request: `wss://gw/ws/v2?access_key=${key}&ticket=${key}`,
    });
    const logger = createLogger({ destination: journal });
    logger.error(axiosLike);
    logger.error({ err: axiosLike, nested: JSON.stringify(axiosLike.config) }, 'failed');
    logger.info(`token ${token}`);
    expect(journal.raw).toHaveLength(3);
    for (const line of journal.raw) for (const each of secrets) expect(line).not.toContain(each);
  });
});
