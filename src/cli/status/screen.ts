import type { Writable } from 'node:stream';
import type { StatusReading } from './reading.js';

/** A terminal says how large it is, and when that changes. */
export type Screen = Writable & { readonly rows?: number; readonly columns?: number };

/**
 * How wide a line may be; null where the terminal does not say. One column is left free: what is written into the last is
 * drawn by some terminals in the next line.
 */
export function columnsFor(stdout: Screen): number | null {
  return stdout.columns ? Math.max(1, stdout.columns - 1) : null;
}

/**
 * Draws over what was there, line by line: a cleared screen would flicker. What is more than the screen has is cut, or it
 * would scroll. A terminal of another size has moved everything about: there it begins anew, at once.
 */
export function pictureOn(stdout: Screen, picture: (reading: StatusReading) => string) {
  let latest: StatusReading | null = null;
  let isDirty = true;
  const draw = (reading: StatusReading): void => {
    latest = reading;
    const lines = picture(reading).split('\n');
    const room = (stdout.rows ?? lines.length + 1) - 1; // the cursor stands in the last
    const fitting = Math.max(1, room - 1);
    const shown =
      lines.length <= room ? lines : [...lines.slice(0, fitting), `… and ${lines.length - fitting} more lines`];
    stdout.write(`${isDirty ? '\u001b[2J' : ''}\u001b[H${shown.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
    isDirty = false;
  };
  const redraw = (): void => {
    isDirty = true;
    if (latest !== null) draw(latest);
  };
  stdout.on('resize', redraw);
  return { draw, dispose: () => void stdout.off('resize', redraw) };
}
