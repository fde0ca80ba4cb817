import { ageText } from './browser.js';
import { html, type Markup } from './markup.js';
import type { Standing } from './past.js';
import { counted, utc } from './words.js';

/** A span of time to draw, in epoch milliseconds. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** What is drawn of a history: spans, and what is counted in a window. Moments as epoch milliseconds. */
export interface Drawable {
  readonly at: number;
  readonly spans: readonly {
    readonly standing: Standing;
    readonly from: number;
    readonly to: number | null;
    readonly ending?: string | undefined;
  }[];
  readonly outages: readonly { readonly startedAt: number; readonly durationMs: number | null }[];
}

/** How much of a window something is known of, and how much of that it was connected; both in milliseconds. */
export interface Share {
  readonly knownMs: number;
  readonly connectedMs: number;
}

const IS_CONNECTED: Readonly<Record<Standing, boolean>> = {
  connected: true,
  suspect: true,
  disconnected: false,
  stopped: false,
  absent: false,
};

export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  connected: 'connected',
  suspect: 'suspect',
  disconnected: 'not connected',
  stopped: 'stopped',
  absent: 'not running',
};

/** Where two meet in one column of the drawing, the first of these is shown: what was wrong must be seen. */
const WORST_FIRST: readonly Standing[] = ['disconnected', 'absent', 'stopped', 'suspect', 'connected'];

interface Piece extends Window {
  readonly standing: Standing;
  readonly ending: string | undefined;
}

/** The spans of a history that reach into a window, cut to it. */
export function piecesOf({ spans, at }: Pick<Drawable, 'spans' | 'at'>, window: Window): readonly Piece[] {
  return spans
    .map(({ standing, from, to, ending }) => ({
      standing,
      ending,
      from: Math.max(window.from, from),
      to: Math.min(window.to, to ?? at),
    }))
    .filter(({ from, to }) => to > from);
}

export function shareOf(history: Drawable, window: Window): Share {
  const pieces = piecesOf(history, window);
  const sum = (some: readonly Piece[]) => some.reduce((total, { from, to }) => total + to - from, 0);
  return { knownMs: sum(pieces), connectedMs: sum(pieces.filter(({ standing }) => IS_CONNECTED[standing])) };
}

/** `99.95 %`, never rounded up to 100. */
export function shareText({ knownMs, connectedMs }: Share): string {
  if (knownMs === 0) return 'unknown';
  if (connectedMs >= knownMs) return '100 %';
  return `${(Math.floor((connectedMs / knownMs) * 10_000) / 100).toFixed(2)} %`;
}

/** What happened in a window, in words: `connected 99.95 %, 2 outages, 1 restart`. */
export function windowWords(history: Drawable, window: Window): string {
  // One that began before the window is in it as well: an hour that is all outage has one.
  const outages = history.outages.filter(
    ({ startedAt, durationMs }) =>
      startedAt <= window.to && (durationMs === null || startedAt + durationMs >= window.from),
  ).length;
  const restarts = history.spans.filter(
    ({ standing, to }) => standing === 'absent' && to !== null && to >= window.from && to <= window.to,
  ).length;
  const counts = [countedIfAny(outages, 'outage'), countedIfAny(restarts, 'restart')].filter((words) => words !== null);
  return [`connected ${shareText(shareOf(history, window))}`, ...counts].join(', ');
}

function countedIfAny(count: number, what: string): string | null {
  return count === 0 ? null : counted(count, what);
}

/** Neighbouring columns that show the same. */
export interface Run {
  readonly standing: Standing;
  /** First column, and the one behind the last. */
  readonly start: number;
  readonly end: number;
  /** What of that standing is in it. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/**
 * A window in so many columns, each of the worst that was in it; columns of which nothing is known are in none. Bounded by
 * the columns, however much happened, and an outage of a minute is seen in a year.
 */
export function runsOf(history: Pick<Drawable, 'spans' | 'at'>, window: Window, columns: number): readonly Run[] {
  const scale = columns / Math.max(1, window.to - window.from);
  const pieces = piecesOf(history, window);
  const worst = new Array<number>(columns).fill(Number.POSITIVE_INFINITY);
  const reach = (piece: Piece) => {
    const start = Math.min(columns - 1, Math.floor((piece.from - window.from) * scale));
    return { start, end: Math.min(columns, Math.max(start + 1, Math.ceil((piece.to - window.from) * scale))) };
  };
  for (const piece of pieces) {
    const rank = WORST_FIRST.indexOf(piece.standing);
    const { start, end } = reach(piece);
    for (let column = start; column < end; column += 1) worst[column] = Math.min(worst[column] ?? rank, rank);
  }
  const runs: Run[] = [];
  for (let start = 0; start < columns; ) {
    let end = start + 1;
    while (end < columns && worst[end] === worst[start]) end += 1;
    const standing = WORST_FIRST[worst[start] ?? -1];
    if (standing !== undefined) {
      const within = pieces.filter((piece) => {
        const reached = reach(piece);
        return piece.standing === standing && reached.start < end && reached.end > start;
      });
      const [first] = within;
      const last = within.at(-1);
      if (first && last) runs.push({ standing, start, end, from: first.from, to: last.to, count: within.length });
    }
    start = end;
  }
  return runs;
}

const COLUMNS = 500;
const HEIGHT = 20;
/** Where the bar of each begins, from above: the worse, the higher. Told apart without colours too. */
const TOPS: Readonly<Record<Standing, number>> = { disconnected: 0, suspect: 4, connected: 7, stopped: 14, absent: 17 };

/** A bar of time. @param label What it shows, in words. */
export function timeline(history: Drawable, window: Window, label: string): Markup {
  const scale = COLUMNS / Math.max(1, window.to - window.from);
  const rects = runsOf(history, window, COLUMNS).map((run) => {
    const top = TOPS[run.standing];
    return html`<rect class="is-${run.standing}" x="${run.start}" width="${run.end - run.start}" y="${top}" height="${HEIGHT - top}"><title>${runWords(run)}</title></rect>`;
  });
  const starts = piecesOf(history, window).filter(({ standing, to }) => standing === 'absent' && to < window.to);
  const marks = new Map(
    starts.map((start) => [Math.min(COLUMNS - 1, Math.floor((start.to - window.from) * scale)), start]),
  );
  const marked = [...marks].map(
    ([column, { to, ending }]) =>
      html`<rect class="is-start" x="${column}" width="1" y="0" height="${HEIGHT}"><title>started again ${utc(to)} UTC, ${ending === 'stopped' ? 'after a stop' : 'after it ended without a word'}</title></rect>`,
  );
  return html`<svg class="timeline" viewBox="0 0 ${COLUMNS} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${rects}${marked}</svg>`;
}

function runWords({ standing, from, to, count }: Run): string {
  const often = count === 1 ? '' : `${count} times `;
  return `${often}${STANDING_WORDS[standing]}, ${utc(from)} to ${utc(to)} UTC (${ageText(to - from)})`;
}
