import { expect, test } from 'vitest';
import { Cursors } from '../../src/catchup/cursors.js';
import { NOTES_TABLE, Notes } from '../../src/catchup/notes.js';
import { HandClock } from '../support/hand-clock.js';
import { MemoryStore } from '../support/memory-store.js';

function scene() {
  const clock = new HandClock();
  const store = new MemoryStore({ clock });
  const notes = new Notes({ clock, intervalMs: 1_000, report: () => {} });
  notes.open(store);
  const cursors = new Cursors(notes);
  const move = (chatId: string, createTime: number) =>
    cursors.move({ chatId, chatType: 'group', messageId: `om_${createTime}`, createTime });
  const stored = (chatId: string) => {
    const bytes = store.get(NOTES_TABLE, `cursor:${chatId}`);
    return bytes === null ? null : JSON.parse(new TextDecoder().decode(bytes));
  };
  return { store, notes, cursors, move, stored };
}

test('a cursor that moves before it is written is written where it stands then, and again when it has moved on', async () => {
  const { notes, move, stored } = scene();
  expect([move('oc_1', 1), move('oc_1', 2), move('oc_1', 1)]).toEqual([true, false, false]);
  await notes.flush();
  expect(stored('oc_1')).toEqual({ t: 'group', m: 'om_2', c: 2 });
  move('oc_1', 3);
  move('oc_1', 4);
  expect(stored('oc_1')).toEqual({ t: 'group', m: 'om_2', c: 2 });
  await notes.flush();
  expect(stored('oc_1')).toEqual({ t: 'group', m: 'om_4', c: 4 });
});

test('a chat that was left and comes back in the same round is written', async () => {
  const { notes, cursors, move, stored } = scene();
  move('oc_1', 1);
  cursors.forget('oc_1');
  move('oc_1', 2);
  await notes.flush();
  expect(stored('oc_1')).toEqual({ t: 'group', m: 'om_2', c: 2 });
});

test('a cursor whose writing failed is written with the next, where it stands by then', async () => {
  const { store, notes, move, stored } = scene();
  store.failNext(1);
  move('oc_1', 1);
  move('oc_2', 1);
  await notes.flush();
  move('oc_1', 2);
  const second = notes.flush();
  move('oc_1', 3);
  move('oc_3', 1);
  await second;
  await notes.flush();
  const standing = { oc_1: 3, oc_2: 1, oc_3: 1 };
  for (const [chat, c] of Object.entries(standing)) expect(stored(chat), chat).toMatchObject({ c });
});

test('what was read does not move along', () => {
  const { cursors, move } = scene();
  move('oc_1', 1);
  const before = [cursors.get('oc_1'), ...cursors.recent(10)];
  move('oc_1', 2);
  expect(before.map((cursor) => cursor?.createTime)).toEqual([1, 1]);
});

test('of too many chats those that were silent for longest are forgotten, in the store as well', async () => {
  const { notes, cursors, move, stored } = scene();
  for (let chat = 0; chat < 5_000; chat += 1) move(`oc_${chat}`, chat);
  move('oc_0', 6_000);
  await notes.flush();
  move('oc_new', 6_001);
  await notes.flush();
  expect([cursors.size, cursors.get('oc_0')?.createTime, cursors.get('oc_new')?.createTime]).toEqual([
    4_500, 6_000, 6_001,
  ]);
  const forgotten = Array.from({ length: 501 }, (_, nth) => `oc_${nth + 1}`);
  expect(forgotten.filter((chat) => cursors.get(chat) !== null || stored(chat) !== null)).toEqual([]);
  expect(cursors.get('oc_502')).not.toBeNull();
});
