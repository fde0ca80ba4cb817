import type { Outcomes } from './history.js';
import { html, type Markup } from './markup.js';

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

/** How each outcome is drawn, from below, and what it is called. */
export const OUTCOME_WORDS: Readonly<Record<keyof Outcomes, readonly [one: string, many: string]>> = {
  handled: ['handled', 'handled'],
  duplicate: ['duplicate', 'duplicates'],
  failed: ['failed run', 'failed runs'],
  dropped: ['dropped', 'dropped'],
  dead: ['dead letter', 'dead letters'],
};
const OUTCOME_NAMES = Object.keys(OUTCOME_WORDS) as readonly (keyof Outcomes)[];

/** So much of all minutes together. */
export function totalOf(minutes: readonly Outcomes[], name: keyof Outcomes): number {
  return minutes.reduce((sum, minute) => sum + minute[name], 0);
}

/** Outcomes as bars of one piece each, the newest minute at the right. */
export function outcomeBars(minutes: readonly Outcomes[], label: string): Markup {
  const top = Math.max(...minutes.map((minute) => OUTCOME_NAMES.reduce((sum, name) => sum + minute[name], 0)), 0) || 1;
  const step = SPARK_WIDTH / Math.max(LEAST_SLOTS, minutes.length);
  const rects = minutes.map((minute, index) => {
    const x = (SPARK_WIDTH - (minutes.length - index) * step).toFixed(1);
    const width = (step * 0.8).toFixed(1);
    let floor = SPARK_HEIGHT;
    const pieces = OUTCOME_NAMES.filter((name) => minute[name] > 0).map((name) => {
      // What is rare is what matters: it is seen beside a thousand others.
      const height = Math.max(2, (minute[name] / top) * (SPARK_HEIGHT - 8));
      floor -= height;
      return html`<rect class="was-${name}" x="${x}" y="${floor.toFixed(1)}" width="${width}" height="${height.toFixed(1)}"/>`;
    });
    return pieces.length > 0
      ? pieces
      : html`<rect class="was-nothing" x="${x}" y="${SPARK_HEIGHT - 1}" width="${width}" height="1"/>`;
  });
  return spark(html`${rects}`, label);
}

function spark(content: Markup, label: string): Markup {
  return html`<svg class="spark" viewBox="0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${content}</svg>`;
}
