import type { AppHistory, Standing } from './history.js';
import { html, type Markup } from './markup.js';

/** A span of time to draw, in epoch milliseconds. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** How much of a window something is known of, and how much of that it was connected; both in milliseconds. */
export interface Share {
  readonly knownMs: number;
  readonly connectedMs: number;
}

const WIDTH = 1_000;
const HEIGHT = 20;
/** Of three pixels on most screens: an outage of a minute must be seen in a year. */
const LEAST_WIDTH = 4;

const IS_CONNECTED: Readonly<Record<Standing, boolean>> = {
  connected: true,
  suspect: true,
  disconnected: false,
  stopped: false,
};

/** Where the bar of each begins, from above: the worse, the higher. */
const TOPS: Readonly<Record<Standing, number>> = { disconnected: 0, suspect: 4, connected: 7, stopped: 14 };

interface Piece extends Window {
  readonly standing: Standing;
}

/** The spans of a history that reach into a window, cut to it. */
function piecesOf({ spans, at }: AppHistory, window: Window): readonly Piece[] {
  return spans
    .map(({ standing, from, to }) => ({
      standing,
      from: Math.max(window.from, from),
      to: Math.min(window.to, to ?? at),
    }))
    .filter(({ from, to }) => to > from);
}

export function shareOf(history: AppHistory, window: Window): Share {
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

/** A bar of time. @param label What it shows, in words. */
export function timeline(history: AppHistory, window: Window, label: string): Markup {
  const scale = WIDTH / Math.max(1, window.to - window.from);
  const rects = piecesOf(history, window)
    // What is wrong lies on top, or a neighbour would cover what is too short to be seen.
    .toSorted((a, b) => Number(IS_CONNECTED[b.standing]) - Number(IS_CONNECTED[a.standing]))
    .map(({ standing, from, to }) => {
      const width = Math.min(WIDTH, Math.max(IS_CONNECTED[standing] ? 0 : LEAST_WIDTH, (to - from) * scale));
      const x = Math.min(WIDTH - width, (from - window.from) * scale);
      // Told apart without colours too.
      const top = TOPS[standing];
      return html`<rect class="is-${standing}" x="${x.toFixed(1)}" width="${width.toFixed(1)}" y="${top}" height="${HEIGHT - top}"/>`;
    });
  return html`<svg class="timeline" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${rects}</svg>`;
}

const SPARK_WIDTH = 240;
const SPARK_HEIGHT = 36;

/** So many stand side by side at least: the first few do not look like a trend. */
const LEAST_SLOTS = 12;

/** Values as a line, the newest at the right. */
export function line(values: readonly number[], label: string): Markup {
  const top = Math.max(...values, 0) || 1;
  const step = SPARK_WIDTH / (Math.max(LEAST_SLOTS, values.length) - 1);
  const points = values.map((value, index) => {
    const x = SPARK_WIDTH - (values.length - 1 - index) * step;
    return `${x.toFixed(1)},${(SPARK_HEIGHT - 2 - (value / top) * (SPARK_HEIGHT - 4)).toFixed(1)}`;
  });
  // A single point has no length to be drawn.
  const drawn = points.length === 1 ? [`${SPARK_WIDTH - step},${points[0]?.split(',')[1]}`, ...points] : points;
  return spark(html`<polyline points="${drawn.join(' ')}"/>`, label);
}

/** Counts as bars, the newest at the right. */
export function bars(counts: readonly number[], label: string): Markup {
  const top = Math.max(...counts, 0) || 1;
  const step = SPARK_WIDTH / Math.max(LEAST_SLOTS, counts.length);
  const rects = counts.map((count, index) => {
    const height = count === 0 ? 1 : Math.max(3, (count / top) * SPARK_HEIGHT);
    const x = SPARK_WIDTH - (counts.length - index) * step;
    return html`<rect x="${x.toFixed(1)}" y="${(SPARK_HEIGHT - height).toFixed(1)}" width="${(step * 0.8).toFixed(1)}" height="${height.toFixed(1)}"/>`;
  });
  return spark(html`${rects}`, label);
}

function spark(content: Markup, label: string): Markup {
  return html`<svg class="spark" viewBox="0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${content}</svg>`;
}
