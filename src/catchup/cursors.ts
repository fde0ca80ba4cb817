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
/** Chats remembered. The least recently active one is forgotten; a group comes back with the list of chats. */
const MAX_CURSORS = 5_000;

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
  /** Least recently moved first. */
  readonly #byChat = new Map<string, Place>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  restore(): void {
    const found = [...this.#notes.read(PREFIX)].flatMap(([chatId, value]) => {
      const cursor = readCursor(chatId, value);
      return cursor === null ? [] : [cursor];
    });
    found.sort((a, b) => a.createTime - b.createTime);
    for (const cursor of found) this.#byChat.set(cursor.chatId, new Place(cursor));
  }

  /** Moves the cursor of its chat, forward only: redeliveries and catch-up bring old messages. @returns Whether the chat is a new one. */
  move(cursor: Cursor): boolean {
    const { chatId } = cursor;
    const before = this.#byChat.get(chatId);
    if (before === undefined) {
      this.#stand(chatId, new Place(cursor));
      this.#forgetOldest();
      return true;
    }
    if (before.note.c >= cursor.createTime) return false;
    before.note.t = cursor.chatType;
    before.note.m = cursor.messageId;
    before.note.c = cursor.createTime;
    this.#byChat.delete(chatId);
    this.#stand(chatId, before);
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

  #stand(chatId: string, place: Place): void {
    this.#byChat.set(chatId, place);
    if (place.round === this.#notes.round) return;
    place.round = this.#notes.round;
    this.#notes.set(PREFIX + chatId, place.note);
  }

  #forgetOldest(): void {
    if (this.#byChat.size <= MAX_CURSORS) return;
    const [oldest] = this.#byChat.keys();
    if (oldest !== undefined) this.forget(oldest);
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
