import { runsOf, type Standing } from '../../daemon/index.js';
import { GREEN, type Paint, RED, YELLOW } from './paint.js';

/** The worse, the higher: told apart without colours too. What nothing is known of is empty. */
const PIECES: Readonly<Record<Standing, readonly [piece: string, colour: number | null]>> = {
  connected: ['▂', GREEN],
  suspect: ['▄', YELLOW],
  disconnected: ['█', RED],
  stopped: ['_', null],
  absent: ['·', null],
};

/** What each piece of {@link barOf} stands for. */
export const BAR_LEGEND = '▂ connected  ▄ suspect  █ not connected  _ stopped  · not running';

/** A window of time as a line of so many characters, each the worst of what was in it. */
export function barOf(
  history: Parameters<typeof runsOf>[0],
  window: { readonly from: number; readonly to: number },
  columns: number,
  paint: Paint,
): string {
  let bar = '';
  let column = 0;
  for (const { standing, start, end } of runsOf(history, window, columns)) {
    const [piece, colour] = PIECES[standing];
    const drawn = piece.repeat(end - start);
    bar += ' '.repeat(start - column) + (colour === null ? drawn : paint(colour, drawn));
    column = end;
  }
  return bar + ' '.repeat(columns - column);
}

const STEPS = '▁▂▃▄▅▆▇█';

/** The latest values as a line of characters, the newest at the right; zero is the lowest there is. */
export function sparkOf(values: readonly number[], columns: number): string {
  const latest = values.slice(-columns);
  const top = Math.max(...latest, 0) || 1;
  // Only nothing at all is drawn as nothing.
  const stepOf = (value: number) => (value === 0 ? 0 : Math.max(1, Math.round((value / top) * (STEPS.length - 1))));
  return latest.map((value) => STEPS[stepOf(value)]).join('');
}
