import type { ConnectorStatus } from '../../connector-status.js';
import type { Concern } from './concerns.js';
import { html, type Markup } from './markup.js';
import { age, lasted, moment } from './words.js';

type Gaps = NonNullable<ConnectorStatus['gaps']>;

/** Longer than catch-up waits for company and for its first retries; the alert FeishuEventGapUnreconciled waits as long. */
const GAP_UNREAD_MS = 2_100_000;
/** How long a gap that was closed with a loss is worth a word. */
const RECENT_MS = 86_400_000;

/** What the platform's own count, its history and our own events say against the connection. */
export function concernsFromOutside({
  at,
  serverView,
  gaps,
  baseline,
  receiving,
}: ConnectorStatus): readonly Concern[] {
  const found: Concern[] = [];
  if (serverView?.verdict === 'zombie')
    found.push({
      tone: 'bad',
      says: `The platform counts ${serverView.seen} connections of this app, fewer than are held here.`,
      runbook: 'FeishuWsZombie',
    });
  if (serverView?.verdict === 'foreign_consumer')
    found.push({
      tone: 'bad',
      says: `The platform counts ${serverView.seen} connections of this app, where ${serverView.expected} are known: somebody else takes part of its events.`,
      runbook: 'FeishuWsForeignConsumer',
    });
  if (receiving.console !== null)
    found.push({
      tone: 'warn',
      says: `No event has ever come. In the developer console: ${receiving.console.advice.join(' ')}`,
      runbook: 'FeishuNeverReceived',
    });
  if ((baseline?.canaryMissed ?? 0) > 0)
    found.push({
      tone: 'warn',
      says: 'An event that we caused ourselves did not come.',
      runbook: 'FeishuCanaryMissing',
    });
  return [...found, ...(gaps === null ? [] : concernsOfGaps(gaps, at))];
}

function concernsOfGaps({ open, latest }: Gaps, at: number): readonly Concern[] {
  const found: Concern[] = [];
  if (open.some(({ to }) => to !== null && at - to > GAP_UNREAD_MS))
    found.push({
      tone: 'warn',
      says: 'What an outage may have swallowed has not been read from history yet.',
      runbook: 'FeishuEventGapUnreconciled',
    });
  if (latest.some(({ recovered, to }) => recovered !== 'yes' && at - to < RECENT_MS))
    found.push({
      tone: 'warn',
      says: 'A gap was closed although not everything could be read: events of that time may be lost.',
      runbook: 'FeishuEventGapLost',
    });
  return found;
}

/** What the platform counts; null where nobody asks it. */
export function serverViewWords({ serverView }: ConnectorStatus): Markup | null {
  if (serverView === null) return null;
  const { verdict, seen, expected, ageMs } = serverView;
  if (seen === null) return html`not asked yet`;
  return html`${verdict.replaceAll('_', ' ')}: ${seen} connections counted, ${expected} expected, ${age(ageMs)} ago`;
}

/** Calls of this month; null where none are made by ourselves. */
export function budgetWords({ budget }: ConnectorStatus): Markup | null {
  return (
    budget &&
    html`${budget.used} of ${budget.quota} calls, ${Math.round(budget.projected)} by the end of the month; ${budget.level}`
  );
}

/** The times in which events may have passed us by, the latest first; null where nobody looks for them. */
export function gapTable({ gaps }: ConnectorStatus): Markup | null {
  if (gaps === null) return null;
  const { open, openCount, latest, isCatchingUp } = gaps;
  if (openCount === 0 && latest.length === 0) return html`<h3>Gaps</h3><p>None is known.</p>`;
  const openRows = open.toReversed().map(
    ({ number, cause, from, to }) => html`<tr><td data-is="no.">${number}</td><td>${moment(from)}</td>
<td data-is="lasted">${to === null ? 'goes on' : lasted(to - from)}</td><td>${cause}</td><td><span class="word warn">${isCatchingUp ? 'being read' : 'open'}</span></td></tr>
`,
  );
  const closedRows = latest.map(
    ({
      number,
      cause,
      from,
      to,
      found,
      alreadyKnown,
      recovered,
    }) => html`<tr><td data-is="no.">${number}</td><td>${moment(from)}</td>
<td data-is="lasted">${lasted(to - from)}</td><td>${cause}</td><td><span class="word ${recovered === 'yes' ? 'good' : 'bad'}">${RECOVERED[recovered]}</span> ${found} found in history, ${alreadyKnown} had arrived after all</td></tr>
`,
  );
  const more = openCount > open.length ? html`<p class="faint">and ${openCount - open.length} more</p>` : null;
  return html`<h3 id="gaps">Gaps</h3>
<div class="wide"><table aria-labelledby="gaps"><thead><tr><th scope="col">no.</th><th scope="col">since (UTC)</th><th scope="col">lasted</th><th scope="col">cause</th><th scope="col">what became of it</th></tr></thead><tbody>${openRows}${closedRows}</tbody></table></div>${more}`;
}

const RECOVERED = { yes: 'all read', no: 'not all read', unknown: 'unknown' } as const;
