import type { DeadLetter } from '../../connector-parts.js';
import { redact } from '../../observe/index.js';
import type { AppHistory, PastAttempt } from './history.js';
import { html, type Markup, type Shown } from './markup.js';
import type { PastOutage } from './past.js';
import { age, counted, figure, lasted, moment } from './words.js';

const OUTAGES_SHOWN = 10;
/** Older attempts are there for whoever unfolds them. */
const ATTEMPTS_UNFOLDED = 5;

/** The dead letters of an app as the page shows them. */
export interface ShownLetters {
  readonly count: number;
  /** The latest few, newest first. */
  readonly latest: readonly DeadLetter[];
}

/** A table under a heading. It scrolls by itself where it is too wide, with the keyboard too. */
export function table(id: string, title: string, heads: readonly string[], rows: readonly Markup[]): Markup {
  return html`<h3 id="${id}">${title}</h3>
${bareTable(id, heads, rows)}`;
}

function bareTable(titleId: string, heads: readonly string[], rows: readonly Markup[]): Markup {
  return html`<div class="wide" role="region" aria-labelledby="${titleId}" tabindex="0"><table aria-labelledby="${titleId}"><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

export function outageTable({ outages, startedAt }: AppHistory): Markup {
  const latest = outages.slice(-OUTAGES_SHOWN).toReversed();
  if (latest.length === 0) return html`<h3>Outages</h3><p>None is known.</p>`;
  const rows = latest.map((outage) => {
    const { number, cause, attempts } = outage;
    const isEarlier = outage.startedAt < startedAt;
    return html`<tr><td data-is="no.">${number}${isEarlier ? html` <span class="faint">before the start</span>` : null}</td><td>${moment(outage.startedAt)}</td>
<td data-is="lasted">${outageLength(outage)}</td><td data-is="attempts">${attempts}</td><td><code>${cause}</code></td></tr>
`;
  });
  const more =
    outages.length > latest.length
      ? html`<p class="faint">and ${counted(outages.length - latest.length, 'earlier one')}</p>`
      : null;
  return html`${table('outages', 'Outages', ['no.', 'since (UTC)', 'lasted', 'attempts', 'cause'], rows)}${more}`;
}

function outageLength({ durationMs, endedBy }: PastOutage): Shown {
  if (durationMs === null) return html`<span class="word bad">goes on</span>`;
  return endedBy === 'process' ? `${lasted(durationMs)}, until the process ended` : lasted(durationMs);
}

const OUTCOMES: Readonly<Record<PastAttempt['outcome'], readonly [tone: string, word: string]>> = {
  under_way: ['off', 'under way'],
  connected: ['good', 'connected'],
  failed: ['bad', 'failed'],
  abandoned: ['off', 'abandoned'],
};

export function attemptTable({ attempts }: AppHistory): Markup {
  if (attempts.length === 0) return html`<h3>Attempts</h3><p>None was made yet.</p>`;
  const rows = attempts.toReversed().map(({ attempt, startedAt, outcome, durationMs, step, failure, isStandby }) => {
    const [tone, word] = OUTCOMES[outcome];
    const why =
      failure &&
      html`<code>${failure.code}</code> at ${step}${failure.verdict === 'operator' ? ', needs a human' : null}${failure.detail === '' ? null : `: ${failure.detail}`}`;
    return html`<tr><td data-is="no.">${attempt}</td><td>${moment(startedAt)}</td><td data-is="took">${durationMs === null ? null : lasted(durationMs)}</td>
<td><span class="word ${tone}">${word}</span>${isStandby ? ' (standby)' : null}</td><td>${why}</td></tr>
`;
  });
  const heads = ['no.', 'begun (UTC)', 'took', 'outcome', 'cause'];
  const older = rows.slice(ATTEMPTS_UNFOLDED);
  return html`${table('attempts', 'Latest attempts', heads, rows.slice(0, ATTEMPTS_UNFOLDED))}
${older.length === 0 ? null : html`<details><summary>${counted(older.length, 'earlier attempt')}</summary>${bareTable('attempts', heads, older)}</details>`}`;
}

/** Null where nobody keeps them. @param app Name of the app, for the command that settles them. */
export function letterTable(letters: ShownLetters | null, app: string, at: number): Markup | null {
  if (letters === null) return null;
  const { count, latest } = letters;
  if (count === 0) return html`<h3>Dead letters</h3><p>None waits.</p>`;
  const rows = latest.map(
    ({ eventId, eventType, reason, attempts, detail, diedAt }) =>
      html`<tr><td class="foreign"><code>${eventId}</code> <span class="faint">${eventType}</span></td><td>${age(Math.max(0, at - diedAt))} ago</td>
<td data-is="attempts">${attempts}</td><td>${reason}: ${redact(detail)}</td></tr>
`,
  );
  const query = new URLSearchParams({ app }).toString();
  return html`${table('letters', 'Dead letters', ['event', 'since', 'attempts', 'why'], rows)}
<p class="faint">${figure(count)} in all, the newest first. <a href="dead-letters?${query}">All of them as JSON</a>; <code>feishu-connector dead-letters</code> lists, replays and drops them.</p>`;
}
