import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '../ports/index.js';
import { makeDirectory } from './make-directory.js';
import {
  forgetOwn,
  gatherEvidence,
  judgeOwner,
  listenAsOwner,
  type OwnerSocket,
  ownerName,
  parseOwner,
  rememberOwn,
  type StoreOwner,
  selfAsOwner,
} from './store-owner.js';

/** A copy of the record, for people and for those who cannot open the store; its time is the sign of life. */
const OWNER_FILE = 'owner.json';

/** Where the record stands that decides: set only if it is what it was read to be, in one transaction. */
export interface OwnerRecord {
  read(): string | null;
  /** @returns Whether `expected` stood there, and `next` does now. */
  replace(expected: string | null, next: string | null): boolean;
}

/** The wish of this process to own the store of a directory, then the fact. See {@link StoreOwner} for how. */
export class StoreClaim {
  readonly owner: StoreOwner;
  readonly #directory: string;
  readonly #file: string;
  readonly #staleAfterMs: number;
  readonly #socket: OwnerSocket | null;
  #record: OwnerRecord | null = null;
  /** Whom it need not watch again: the file and the store say the same. */
  #deadText: string | null = null;

  private constructor(directory: string, owner: StoreOwner, socket: OwnerSocket | null, staleAfterMs: number) {
    this.#directory = directory;
    this.#file = join(directory, OWNER_FILE);
    this.#staleAfterMs = staleAfterMs;
    this.owner = owner;
    this.#socket = socket;
  }

  /**
   * Makes the directory and the sign of life in it.
   * @throws StoreError `in_use`, or the error of the file system.
   */
  static async stake(directory: string, staleAfterMs: number): Promise<StoreClaim> {
    // What users wrote to the bot is in there: it is nobody else's.
    await makeDirectory(directory);
    const self = rememberOwn(selfAsOwner());
    // It is written before anything else, and tells at once whether one can write there.
    const probe = join(directory, `.${self.id}`);
    writeFileSync(probe, '', { mode: 0o600 });
    rmSync(probe);
    const socket = await listenAsOwner(directory, self);
    const owner = socket === null ? { ...self, socket: null } : self;
    return new StoreClaim(directory, owner, socket, staleAfterMs);
  }

  /**
   * Judges whom the file names: cheap, and done before the store is opened.
   * @throws StoreError `in_use`.
   */
  async refuseIfOwned(): Promise<void> {
    const text = textOf(this.#file);
    if (text !== null) await this.#refuseIfLiving(text);
  }

  /**
   * Becomes the owner, against all others that want to.
   * @throws StoreError `in_use`.
   */
  async win(record: OwnerRecord): Promise<void> {
    const mine = JSON.stringify(this.owner);
    for (;;) {
      const text = record.read();
      if (text !== null) await this.#refuseIfLiving(text);
      if (record.replace(text, mine)) {
        this.#record = record;
        const former = text === null ? null : parseOwner(text);
        if (former?.socket) rmSync(join(this.#directory, former.socket), { force: true });
        writeFileSync(this.#file, mine, { mode: 0o600 });
        return;
      }
      // Somebody was faster: whether that one lives is to be judged anew.
    }
  }

  /**
   * Gives the sign of life.
   * @returns Whether the store is still ours. It is not if this process was stopped for so long, on another machine than
   *   the next owner, that it was taken for dead.
   */
  beat(): boolean {
    try {
      if (parseOwner(readFileSync(this.#file, 'utf8'))?.id !== this.owner.id) return false;
      const now = new Date();
      utimesSync(this.#file, now, now);
    } catch {
      // Removed by hand, perhaps; the record in the store is what decides, and the socket what tells.
    }
    return true;
  }

  /** Takes the name out of the store, which must still be open and have no commit under way. */
  resign(): void {
    try {
      this.#record?.replace(JSON.stringify(this.owner), null);
    } catch {
      // With a full or broken disk it stays, as after a crash: that this owner is gone is still to be seen.
    }
  }

  /** Gives up the sign of life. The store must have been closed. */
  async release(): Promise<void> {
    const isOurs = this.#record !== null && parseOwner(textOf(this.#file) ?? '')?.id === this.owner.id;
    if (isOurs) rmSync(this.#file, { force: true });
    this.#record = null;
    forgetOwn(this.owner);
    await this.#socket?.close();
  }

  async #refuseIfLiving(text: string): Promise<void> {
    if (text === this.#deadText) return;
    const owner = parseOwner(text);
    // What nobody can read names nobody who could live.
    if (owner === null) return;
    const verdict = judgeOwner(owner, this.owner, await gatherEvidence(this.#directory, owner));
    if (verdict === 'dead' || (verdict === 'unknown' && !(await this.#showsLife()))) {
      this.#deadText = text;
      return;
    }
    throw new StoreError(
      'in_use',
      `${this.#directory} is owned by ${ownerName(owner)}. Give each process a directory of its own, or stop that one`,
    );
  }

  /** Watches instead of comparing with our clock, which need not agree with the one of another machine. */
  async #showsLife(): Promise<boolean> {
    const before = this.#beatAt();
    await delay(this.#staleAfterMs);
    return this.#beatAt() !== before;
  }

  #beatAt(): number | null {
    return statSync(this.#file, { throwIfNoEntry: false })?.mtimeMs ?? null;
  }
}

/** Whether the owner that the file names is known to live; where only time could tell, it counts as living. */
export async function hasLivingOwner(directory: string): Promise<boolean> {
  return (await livingOwnerOf(directory)) !== null;
}

/** The same as a name for messages, such as `pid 7 on host a`; null if it is dead, or nobody is named. */
export async function livingOwnerOf(directory: string): Promise<string | null> {
  const owner = parseOwner(textOf(join(directory, OWNER_FILE)) ?? '');
  if (owner === null) return null;
  const verdict = judgeOwner(owner, selfAsOwner(), await gatherEvidence(directory, owner));
  return verdict === 'dead' ? null : ownerName(owner);
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
