import type { ChatType } from './history.js';
import type { Notes } from './notes.js';

/** The last message of a chat that was journaled or handled. */
export interface Cursor {
  readonly chatId: string;
  readonly chatType: ChatType;
  readonly messageId: string;
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly createTime: number;
}

const PREFIX = 'cursor:';
/** Chats remembered. Those that were silent for longest are forgotten; a group comes back with the list of chats. */
const MAX_CURSORS = 5_000;
/** Left of too many, so that to find those is a matter of every five-hundredth new chat. */
const KEPT_CURSORS = 4_500;

/** Where the cursor of a chat stands. It moves with every message: one object per chat, and one note in the next round. */
class Place {
  /** The cursor as it is noted. */
  readonly note: { t: ChatType; m: string; c: number };
  /** The round of notes that will write it, whatever it says by then; null: none. */
  round: number | null = null;

  constructor({ chatType: t, messageId: m, createTime: c }: Cursor) {
    this.note = { t, m, c };
  }
}

/** Durable cursors per chat: which chats there are, and which of them are active. */
export class Cursors {
  readonly #notes: Notes;
  readonly #byChat = new Map<string, Place>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  restore(): void {
    for (const [chatId, value] of this.#notes.read(PREFIX)) {
      const cursor = readCursor(chatId, value);
      if (cursor !== null) this.#byChat.set(chatId, new Place(cursor));
    }
  }

  /** Moves the cursor of its chat, forward only: redeliveries and catch-up bring old messages. @returns Whether the chat is a new one. */
  move(cursor: Cursor): boolean {
    const { chatId } = cursor;
    const before = this.#byChat.get(chatId);
    if (before === undefined) {
      const place = new Place(cursor);
      this.#byChat.set(chatId, place);
      this.#note(chatId, place);
      this.#forgetOldest();
      return true;
    }
    if (before.note.c >= cursor.createTime) return false;
    before.note.t = cursor.chatType;
    before.note.m = cursor.messageId;
    before.note.c = cursor.createTime;
    this.#note(chatId, before);
    return false;
  }

  /** The bot left the chat, or it is gone. */
  forget(chatId: string): void {
    if (this.#byChat.delete(chatId)) this.#notes.set(PREFIX + chatId, null);
  }

  get(chatId: string): Cursor | null {
    const place = this.#byChat.get(chatId);
    return place === undefined ? null : cursorOf(chatId, place);
  }

  get size(): number {
    return this.#byChat.size;
  }

  /** The most recently active first. */
  recent(limit: number): readonly Cursor[] {
    return Array.from(this.#byChat, ([chatId, place]) => cursorOf(chatId, place))
      .sort((a, b) => b.createTime - a.createTime)
      .slice(0, limit);
  }

  #note(chatId: string, place: Place): void {
    if (place.round === this.#notes.round) return;
    place.round = this.#notes.round;
    this.#notes.set(PREFIX + chatId, place.note);
  }

  #forgetOldest(): void {
    if (this.#byChat.size <= MAX_CURSORS) return;
    for (const { chatId } of this.recent(MAX_CURSORS + 1).slice(KEPT_CURSORS)) this.forget(chatId);
  }
}

function cursorOf(chatId: string, { note: { t, m, c } }: Place): Cursor {
  return { chatId, chatType: t, messageId: m, createTime: c };
}

function readCursor(chatId: string, value: unknown): Cursor | null {
  const { t, m, c } = (value ?? {}) as { t?: unknown; m?: unknown; c?: unknown };
  if ((t !== 'p2p' && t !== 'group') || typeof m !== 'string' || typeof c !== 'number') return null;
  return { chatId, chatType: t, messageId: m, createTime: c };
}
