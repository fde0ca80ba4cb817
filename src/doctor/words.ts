const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** A span in the two units that matter: `12 ms`, `3.0 s`, `2 min 5 s`, `8 h 30 min`, `3 d 4 h`. A negative one is `0 ms`. */
export function span(ms: number): string {
  // Rounded first: 59.96 s is a minute, and not `60.0 s`.
  const rounded = ms < SECOND_MS ? Math.max(0, Math.round(ms)) : Math.round(ms / 100) * 100;
  if (rounded < SECOND_MS) return `${rounded} ms`;
  if (rounded < MINUTE_MS) return `${(rounded / SECOND_MS).toFixed(1)} s`;
  const seconds = Math.round(rounded / SECOND_MS) * SECOND_MS;
  if (seconds < HOUR_MS) return inUnits(seconds, [MINUTE_MS, 'min'], [SECOND_MS, 's']);
  const minutes = Math.round(rounded / MINUTE_MS) * MINUTE_MS;
  if (minutes < DAY_MS) return inUnits(minutes, [HOUR_MS, 'h'], [MINUTE_MS, 'min']);
  return inUnits(Math.round(rounded / HOUR_MS) * HOUR_MS, [DAY_MS, 'd'], [HOUR_MS, 'h']);
}

type Unit = readonly [lengthMs: number, name: string];

function inUnits(ms: number, [greatMs, great]: Unit, [smallMs, small]: Unit): string {
  const rest = Math.floor((ms % greatMs) / smallMs);
  return `${Math.floor(ms / greatMs)} ${great}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/** `2026-01-02T03:04:05.000Z (2 min 5 s ago)`. Both in epoch milliseconds. */
export function momentAndAge(at: number, now: number): string {
  return `${new Date(at).toISOString()} (${span(now - at)} ago)`;
}

/** Characters of a foreign text that are kept. */
const FOREIGN_LENGTH = 400;

/** A foreign text for one line of a terminal: no control characters, which could forge lines or colours, and not too long. */
export function printable(text: string): string {
  const line = text.replace(/[^\P{C}]+/gu, ' ').trim();
  return line.length <= FOREIGN_LENGTH ? line : `${line.slice(0, FOREIGN_LENGTH - 1)}…`;
}

/** How many names are told one by one. */
const NAMES_SHOWN = 8;

/** The first names of a list, and how many more there are. */
export function shown(names: readonly string[]): string {
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  return `${names.slice(0, NAMES_SHOWN).map(printable).join(', ')}${more}`;
}
