import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, expect, test } from 'vitest';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import { MemoryStore } from '../support/memory-store.js';
import { type VirtualWorld, virtualWorld } from '../support/world.js';

afterEach(() => {
  trace.disable();
  context.disable();
});

const TYPE = 'im.message.receive_v1';

/** The real connector with a journal in memory; its handler fails for as long as one says. */
function journaledWorld(store: MemoryStore): { readonly world: VirtualWorld; fails: boolean } {
  const scene = {
    fails: true,
    world: virtualWorld(
      {
        connector: {
          journal: { directory: 'kept in memory' },
          handlers: {
            [TYPE]: async () => {
              if (scene.fails) throw new Error('no database');
            },
          },
        },
      },
      { store: async () => store },
    ),
  };
  return scene;
}

test('an event that fails for good is one failed event, four retries, one dead letter, and its lines say what to do', async () => {
  const { world } = journaledWorld(new MemoryStore({ clock: new VirtualClock() }));
  await world.connect();
  await world.chat(1);
  await world.clock.advanceBy(600_000);
  const read = (name: string, more = '') => world.metric(`${name}{app="bot"${more}}`);
  expect(await read('feishu_event_handler_failures_total', `,event_type="${TYPE}",reason="thrown"`)).toBe(5);
  expect(await read('feishu_events_failed_total')).toBe(1);
  expect(await read('feishu_event_retries_total')).toBe(4);
  expect(await read('feishu_event_dead_letters')).toBe(1);
  expect(await read('feishu_event_dead_letters_total', ',reason="attempts"')).toBe(1);
  expect(await read('feishu_journal_append_duration_seconds_count')).toBe(1);
  expect(await read('feishu_event_queue_depth')).toBe(0);
  const [eventId] = world.platform.ledger.events.map((event) => event.eventId);
  const line = world.logs.find(({ event }) => event === 'dead_lettered');
  expect(line).toMatchObject({ event_id: eventId, event_type: TYPE, reason: 'attempts', attempts: 5 });
  expect(line?.help).toMatch(new RegExp(`feishu-connector dead-letters show ${eventId}$`));
  expect(world.said()).toContain('[feishu] journal opened');
  expect(world.said('warn').filter((text) => text === '[feishu] retry scheduled')).toHaveLength(4);
  await world.stop();
});

test('an event that the journal refuses is counted as that, and as a redelivery when it comes again', async () => {
  const store = new MemoryStore({ clock: new VirtualClock() });
  const scene = journaledWorld(store);
  scene.fails = false;
  const { world } = scene;
  await world.connect();
  store.failNext(1, 'disk_full');
  await world.chat(1);
  await world.clock.advanceBy(60_000);
  expect(await world.metric('feishu_journal_failures_total{app="bot",reason="disk_full"}')).toBe(1);
  expect(await world.metric('feishu_event_ack_failures_total{app="bot",failure="journal_refused"}')).toBe(1);
  expect(await world.metric('feishu_event_delivery_age_seconds_count{app="bot",source="redelivery"}')).toBe(1);
  expect(await world.metric('feishu_event_acks_total{app="bot",kind="event"}')).toBe(1);
  expect(world.said('error')).toEqual(['[feishu] journal failed']);
  await world.stop();
});

test('the ack ends before the handler, which is its child; what the next process runs is linked to it', async () => {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const spansOf = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === `${name} ${TYPE}`);

  const store = new MemoryStore({ clock: new VirtualClock() });
  const before = journaledWorld(store);
  await context.with(ROOT_CONTEXT, () => before.world.connect());
  await before.world.chat(1);
  const [ack] = spansOf('ack');
  const [first] = spansOf('process');
  expect(first?.parentSpanContext?.spanId).toBe(ack?.spanContext().spanId);
  expect(first?.attributes['error.type']).toBe('thrown');
  await before.world.stop();

  const after = journaledWorld(store.crash('process'));
  after.fails = false;
  await after.world.connect();
  const last = spansOf('process').at(-1);
  expect(spansOf('ack')).toHaveLength(1);
  expect(last?.parentSpanContext).toBeUndefined();
  expect(last?.links.map((link) => link.context.spanId)).toEqual([ack?.spanContext().spanId]);
  expect(last?.attributes).not.toHaveProperty('error.type');
  await after.world.stop();
});
