import { ageText } from './browser.js';
import { line, OUTCOME_WORDS, outcomeBars, totalOf } from './chart.js';
import type { AppHistory, Outcomes } from './history.js';
import { html, type Markup } from './markup.js';
import { STANDINGS } from './past.js';
import { STANDING_WORDS, timeline, type Window, windowWords } from './timeline.js';
import { counted, figure, moment, trip } from './words.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** How it stood: the last hour, the last day, and all that is known. */
export function timelines(history: AppHistory): Markup {
  const { at, since, startedAt } = history;
  const start = Math.min(since, at - 1);
  const lately = [
    ['hour', HOUR_MS],
    ['day', DAY_MS],
  ] as const;
  const shown = lately.filter(([, ms]) => at - start > ms * 1.1);
  const legend = STANDINGS.map(
    (standing) => html`<li><span class="key is-${standing}"></span> ${STANDING_WORDS[standing]}</li>`,
  );
  const origin =
    since < startedAt
      ? html`Known since ${moment(start)} UTC, 14 days at most; this process began at ${moment(startedAt)} UTC.`
      : html`Known since ${moment(start)} UTC, when this process began; with a journal it is kept over restarts. Metrics keep it for longer.`;
  return html`<h3>Timeline</h3>
${shown.map(([name, ms]) => timelineOf(history, { from: at - ms, to: at }, `The last ${name}`))}
${timelineOf(history, { from: start, to: at }, `All that is known, ${ageText(at - start)}`)}
<ul class="legend">${legend}<li><span class="key is-start"></span> started</li></ul>
<p class="faint">${origin}</p>`;
}

function timelineOf(history: AppHistory, window: Window, name: string): Markup {
  const words = `${name}: ${windowWords(history, window)}`;
  return html`<figure><figcaption>${words}</figcaption>
${timeline(history, window, words)}
<div class="ends"><span>${moment(window.from)}</span><span>now</span></div></figure>
`;
}

/** Round trips of heartbeats, and what became of events. */
export function figures({ heartbeats, eventsPerMinute, outcomesPerMinute }: AppHistory): Markup {
  const trips = heartbeats.map(({ rttMs }) => rttMs);
  const last = trips.at(-1);
  const rtt =
    last === undefined
      ? 'Heartbeats: none was answered yet'
      : `Heartbeats: the last took ${trip(last)}; ${trip(Math.min(...trips))} to ${trip(Math.max(...trips))} lately`;
  const current = eventsPerMinute.at(-1) ?? 0;
  const total = eventsPerMinute.reduce((sum, count) => sum + count, 0);
  const minutes = eventsPerMinute.length === 1 ? 'minute' : `${eventsPerMinute.length} minutes`;
  const events = `Events: ${figure(current)} in this minute, ${figure(total)} in the last ${minutes}`;
  const names = Object.keys(OUTCOME_WORDS) as (keyof Outcomes)[];
  const legend = names.map(
    (name) =>
      html`<li><span class="key was-${name}"></span> ${counted(totalOf(outcomesPerMinute, name), ...OUTCOME_WORDS[name])}</li>`,
  );
  return html`<div class="figures">
<figure><figcaption>${rtt}</figcaption>${line(trips, rtt)}</figure>
<figure><figcaption>${events}</figcaption>${outcomeBars(outcomesPerMinute, `${events}, by the minute`)}
<ul class="legend">${legend}</ul></figure>
</div>`;
}
