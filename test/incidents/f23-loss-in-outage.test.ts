import { expect, test } from 'vitest';
import type { FeishuEvent, GapRecord } from '../../src/index.js';
import { seededRandom } from '../../src/ports/index.js';
import { botOpenId } from '../../src/simulator/api.js';
import { DEFAULT_APP, messageEvent } from '../../src/simulator/index.js';
import { DurableWorld, type DurableWorldOptions } from '../support/durable-world.js';
import { virtualWorld } from '../support/world.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const OUTAGE_MS = 8.5 * HOUR;
/** Catch-up waits up to twice its `settleMs` for redelivery to come to rest. */
const SETTLED_MS = 10 * SECOND;

/** How many outages are played through, each with a platform that pushes late and one that does not: at most 500. */
const SEEDS = Math.min(500, Number(process.env.OUTAGE_SEEDS ?? 8));

const PRIVATE_CHATS = ['oc_anna', 'oc_bert', 'oc_cleo'];
const GROUPS = ['oc_team', 'oc_loud'];
/** Nobody said a word in it before the outage. */
const NEW_GROUP = 'oc_fresh';
const MENTION = { chatType: 'group', mentions: [botOpenId(DEFAULT_APP.appId)] } as const;

interface Sent {
  readonly chatId: string;
  readonly messageId: string;
  readonly at: number;
}

/** One process, one platform, one long outage, told from both sides. */
async function outage(seed: number, options: Partial<DurableWorldOptions> = {}) {
  const world = new DurableWorld({ seed, ...options });
  const gaps: GapRecord[] = [];
  world.connector.on('gap', (record) => gaps.push(record));
  const random = seededRandom(seed + 1_000);
  const sent: Sent[] = [];
  const say = (chatId: string): void => {
    const messageId = `om_${seed}_${sent.length}`;
    const isGroup = !PRIVATE_CHATS.includes(chatId);
    world.platform.send(messageEvent({ chatId, messageId, ...(isGroup && MENTION) }));
    sent.push({ chatId, messageId, at: world.clock.wallNow() });
  };
  await world.connect();
  for (const chatId of [...PRIVATE_CHATS, ...GROUPS]) {
    say(chatId);
    await world.clock.advanceBy(random() * MINUTE);
  }
  const lostAt = world.clock.wallNow();
  world.platform.inject({ fault: 'refuse_tcp' });
  world.platform.inject({ fault: 'drop_socket' });
  const chats = [...PRIVATE_CHATS, ...GROUPS, NEW_GROUP];
  const count = 30 + Math.floor(30 * random());
  const times = Array.from({ length: count }, () => random() * OUTAGE_MS).sort((a, b) => a - b);
  for (const at of times) {
    await world.clock.advanceBy(Math.max(0, lostAt + at - world.clock.wallNow()));
    say(chats[Math.floor(random() * chats.length)] ?? NEW_GROUP);
  }
  await world.clock.advanceBy(Math.max(0, lostAt + OUTAGE_MS - world.clock.wallNow()));
  world.platform.clear();
  await world.clock.runUntil(() => world.connector.status().connected.is, HOUR);
  const backAt = world.clock.wallNow();
  await world.clock.advanceBy(5 * MINUTE);
  return { world, gaps, sent, count, lostAt, backAt };
}

const messageIdOf = ({ data }: FeishuEvent): string => (data.message as { message_id: string }).message_id;
const chatIdOf = ({ data }: FeishuEvent): string => (data.message as { chat_id: string }).chat_id;
const orderIn = (events: readonly FeishuEvent[], chatId: string): readonly string[] =>
  events.filter((event) => chatIdOf(event) === chatId).map(messageIdOf);

test.each(['lost', 'retry'] as const)(
  `F23: after 8.5 hours without a way in, every message was handled once, of ${SEEDS} outages where the platform says %s`,
  { timeout: 600_000 },
  async (whenNobodyOnline) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { world, gaps, sent, count, lostAt, backAt } = await outage(seed, { platform: { whenNobodyOnline } });
      // Five minutes after it is back nothing is missing any more, whatever the platform still has on its ladder.
      const handled = [...world.handled];
      expect(handled.map(messageIdOf).sort(), `seed ${seed}`).toEqual(sent.map(({ messageId }) => messageId).sort());

      const fetched = handled.filter(({ source }) => source === 'catchup');
      const pushed = handled.filter(({ source }) => source !== 'catchup');
      for (const chatId of new Set(sent.map((each) => each.chatId))) {
        const order = sent.filter((each) => each.chatId === chatId).map(({ messageId }) => messageId);
        const ofFetched = orderIn(fetched, chatId);
        expect(ofFetched, `seed ${seed}, ${chatId}`).toEqual(order.filter((id) => ofFetched.includes(id)));
        // Where nothing is pushed late, nothing overtakes.
        if (whenNobodyOnline === 'lost') expect(orderIn(handled, chatId), `seed ${seed}, ${chatId}`).toEqual(order);
      }

      // The record says what happened, and no more: what the ladder brought in the first seconds had no need of it.
      expect(gaps, `seed ${seed}`).toMatchObject([
        { cause: 'outage', recovered: 'yes', unreachable: [], found: fetched.length },
      ]);
      const [gap] = gaps;
      expect(gap?.from).toBeLessThanOrEqual(lostAt);
      expect(gap?.from).toBeGreaterThan(lostAt - 2 * MINUTE);
      expect(gap?.to).toBe(backAt);
      const late = pushed.length - (sent.length - count);
      expect(fetched.length + late).toBe(count);
      if (whenNobodyOnline === 'lost') expect(late).toBe(0);
      const latest = [{ number: gap?.number, found: gap?.found }];
      expect(world.connector.status().gaps).toMatchObject({ openCount: 0, isCatchingUp: false, latest });

      // And what comes late is known: nothing runs a second time.
      await world.clock.advanceBy(8 * HOUR);
      expect(world.handled, `seed ${seed}`).toHaveLength(sent.length);
      await world.stop();
    }
  },
);

test('F23: killed in the middle of catching up, the next process goes on, and nothing is handled twice', async () => {
  for (const diesAfterMs of [6 * SECOND, 8 * SECOND, SETTLED_MS + 500, SETTLED_MS + 2 * SECOND]) {
    const world = new DurableWorld({ platform: { whenNobodyOnline: 'lost' } });
    const said: string[] = [];
    const say = (index: number): void => {
      const messageId = `om_${index}`;
      world.platform.send(messageEvent({ messageId, chatId: `oc_${index % 5}` }));
      said.push(messageId);
    };
    await world.connect();
    for (let index = 0; index < 5; index++) say(index);
    await world.clock.advanceBy(MINUTE);
    world.platform.inject({ fault: 'refuse_tcp', forMs: HOUR });
    world.platform.inject({ fault: 'drop_socket' });
    for (let index = 5; index < 200; index++) {
      await world.clock.advanceBy(10 * SECOND);
      say(index);
    }
    await world.clock.advanceBy(HOUR);
    await world.clock.runUntil(() => world.connector.status().connected.is, HOUR);
    await world.clock.advanceBy(diesAfterMs);
    await world.crash(MINUTE);
    await world.clock.advanceBy(HOUR);
    expect(world.handled.map(messageIdOf).sort()).toEqual(said.sort());
    expect(world.connector.status().gaps).toMatchObject({ openCount: 0 });
    await world.stop();
  }
});

test('F23: without a journal the gap is told and not fetched, unless that is asked for', async () => {
  for (const isAsked of [false, true]) {
    const world = virtualWorld({
      platform: { whenNobodyOnline: 'retry' },
      connector: isAsked ? { catchup: { catchup: true } } : {},
    });
    const gaps: GapRecord[] = [];
    world.connector.on('gap', (record) => gaps.push(record));
    await world.connect();
    await world.chat(1);
    world.platform.inject({ fault: 'refuse_tcp', forMs: 20 * MINUTE });
    world.platform.inject({ fault: 'drop_socket' });
    await world.chat(10, MINUTE);
    await world.clock.advanceBy(2 * HOUR);
    const fetched = world.handled.filter(({ source }) => source === 'catchup');
    expect(gaps).toMatchObject([
      isAsked
        ? { cause: 'outage', recovered: 'yes', found: fetched.length }
        : { cause: 'outage', recovered: 'unknown', found: 0, unreachable: [{ why: 'disabled' }] },
    ]);
    expect(fetched.length > 0).toBe(isAsked);
    // What the ladder brings later is the same message under another event id, and known all the same.
    await world.clock.advanceBy(8 * HOUR);
    expect(new Set(world.handled.map(messageIdOf)).size).toBe(world.handled.length);
    await world.stop();
  }
});

test('F23: an operator may have any time caught up; bad times and a connector that does not run are refused', async () => {
  const world = new DurableWorld();
  expect(() => world.connector.catchUp()).toThrow(expect.objectContaining({ code: 'stopped' }));
  const gaps: GapRecord[] = [];
  world.connector.on('gap', (record) => gaps.push(record));
  await world.connect();
  world.platform.send(messageEvent({ messageId: 'om_known' }));
  await world.clock.advanceBy(MINUTE);
  // In the history, and never pushed.
  world.platform.say(messageEvent({ messageId: 'om_missed' }));
  await world.clock.advanceBy(MINUTE);
  const wallNow = world.clock.wallNow();
  for (const times of [{ from: wallNow }, { from: Number.NaN }, { to: wallNow + 1 }, { from: 5, to: 4 }]) {
    expect(() => world.connector.catchUp(times)).toThrow(expect.objectContaining({ code: 'bad_option' }));
  }
  const number = world.connector.catchUp();
  await world.clock.advanceBy(MINUTE);
  expect(gaps).toMatchObject([{ number, cause: 'operator', found: 1, alreadyKnown: 1, recovered: 'yes' }]);
  expect(world.handled.map(messageIdOf)).toEqual(['om_known', 'om_missed']);
  await world.stop();
});
