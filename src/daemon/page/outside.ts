import type { ConnectorStatus } from '../../connector-status.js';
import type { Concern } from './concerns.js';
import { html, type Markup } from './markup.js';
import { table } from './tables.js';
import { age, counted, figure, moment } from './words.js';

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
  return html`${verdict.replaceAll('_', ' ')}: ${counted(seen, 'connection')} counted, ${expected} expected, ${age(ageMs)} ago`;
}

/** Calls of this month; null where none are made by ourselves. */
export function budgetWords({ budget }: ConnectorStatus): Markup | null {
  return (
    budget &&
    html`${figure(budget.used)} of ${figure(budget.quota)} calls, ${figure(Math.round(budget.projected))} by the end of the month; ${budget.level}`
  );
}

/** What comparing the latest history with what arrived said; null where it never was. */
export function comparisonWords({ baseline }: ConnectorStatus): Markup | null {
  const last = baseline?.lastComparison ?? null;
  return last && html`${last.verdict}, ${age(last.ageMs)} ago`;
}

/** The times in which events may have passed us by, the latest first; null where nobody looks for them. */
export function gapTable({ gaps }: ConnectorStatus): Markup | null {
  if (gaps === null) return null;
  const { open, openCount, latest, isCatchingUp } = gaps;
  if (openCount === 0 && latest.length === 0) return html`<h3>Gaps</h3><p>None is known.</p>`;
  const openRows = open.toReversed().map(
    ({
      number,
      cause,
      from,
      to,
    }) => html`<tr><td data-is="no.">${number}</td><td data-is="from">${moment(from)}</td><td data-is="to">${to === null ? 'goes on' : moment(to)}</td>
<td>${cause}</td><td><span class="word warn">${isCatchingUp ? 'being read' : 'open'}</span></td></tr>
`,
  );
  const closedRows = latest.map((record) => {
    const { number, cause, from, to, found, alreadyKnown, recovered } = record;
    return html`<tr><td data-is="no.">${number}</td><td data-is="from">${moment(from)}</td><td data-is="to">${moment(to)}</td>
<td>${cause}</td><td><span class="word ${recovered === 'yes' ? 'good' : 'bad'}">${RECOVERED[recovered]}</span> ${found} found in history, ${alreadyKnown} had arrived after all${outOfReach(record)}</td></tr>
`;
  });
  const more = openCount > open.length ? html`<p class="faint">and ${openCount - open.length} more</p>` : null;
  const heads = ['no.', 'from (UTC)', 'to (UTC)', 'cause', 'what became of it'];
  return html`${table('gaps', 'Gaps', heads, [...openRows, ...closedRows])}${more}`;
}

const RECOVERED = { yes: 'all read', no: 'not all read', unknown: 'unknown' } as const;
const UNREACHABLE = { chat_list: 'the list of chats', time: 'time' } as const;

/** What of a gap could not be read, and what no history can give. */
function outOfReach({ unreachable, otherEventTypes }: Gaps['latest'][number]): Markup {
  const parts = unreachable.map(({ what, count, why, detail }) => {
    const named = what === 'chats' ? counted(count, 'chat') : UNREACHABLE[what];
    return html`; out of reach: ${named} (${why}${detail === '' ? null : `: ${detail}`})`;
  });
  const { types } = otherEventTypes;
  const others =
    types.length === 0
      ? null
      : html`; no history has ${types.slice(0, 5).join(', ')}${types.length > 5 ? ', …' : null}`;
  return html`${parts}${others}`;
}
