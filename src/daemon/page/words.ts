import { ageText } from './browser.js';
import { html, type Markup } from './markup.js';

/** A span that goes on: the browser lets it grow until the next answer. @param ms Null is `never`. */
export function age(ms: number | null): Markup {
  return ms === null ? html`never` : html`<span data-age-ms="${Math.round(ms)}">${ageText(ms)}</span>`;
}

/** A moment for people, in UTC as in the logs. @param at Epoch milliseconds. */
export function moment(at: number): Markup {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${utc(at)}</time>`;
}

/** The same without markup. */
export function utc(at: number): string {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

/** A span that is over, or short: `12 ms`, `3.2 s`, then as {@link ageText}. */
export function lasted(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 59_950 ? `${(ms / 1_000).toFixed(1)} s` : ageText(Math.round(ms / 1_000) * 1_000);
}

/** `812 bytes`, `4.0 KiB`, `10 GiB`: by powers of 1,024, as the configuration reckons. */
export function bytes(count: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = count < 1_024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
  const value = count / 1_024 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[power]}`;
}

/** `812`, `18,204`. */
export function figure(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 dead letter`, `18,204 dead letters`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${figure(count)} ${count === 1 ? one : many}`;
}

/** A span that shrinks: the browser lets it, down to nothing. */
export function left(ms: number): Markup {
  const rounded = Math.max(0, Math.round(ms));
  return html`<span data-left-ms="${rounded}">${ageText(rounded)}</span>`;
}

/** A round trip: `0.4 ms`, `12 ms`. */
export function trip(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : lasted(ms);
}
