/** A stretch of time without trouble; `to` is null while it lasts. Monotonic milliseconds. */
interface Calm {
  readonly from: number;
  to: number | null;
}

const KEPT = 2_000;

/** Knows when there was trouble of one sort, and since when there is none. */
export class Trouble {
  readonly #causes = new Set<string>();
  readonly #calms: Calm[] = [{ from: 0, to: null }];

  begin(cause: string, now: number): void {
    this.#causes.add(cause);
    const calm = this.#calms.at(-1);
    if (calm?.to === null) calm.to = now;
  }

  end(cause: string, now: number): void {
    if (!this.#causes.delete(cause) || this.#causes.size > 0) return;
    this.#calms.push({ from: now, to: null });
    if (this.#calms.length > KEPT) this.#calms.shift();
  }

  /** Trouble that is over now, and began at `from`. */
  passed(from: number, now: number): void {
    this.begin('passed', from);
    this.end('passed', now);
  }

  /** How long there has been none; 0 while there is some. */
  calmMs(now: number): number {
    const calm = this.#calms.at(-1);
    return calm === undefined || calm.to !== null ? 0 : now - calm.from;
  }

  /** Whether there was none from `from` to `to`, as far as it is remembered. */
  wasCalm(from: number, to: number): boolean {
    const calm = this.#calms.findLast((each) => each.from <= from);
    return calm !== undefined && (calm.to === null || calm.to >= to);
  }
}
