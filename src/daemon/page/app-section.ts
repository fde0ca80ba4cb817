import type { ConnectorStatus } from '../../connector-status.js';
import { ageText } from './browser.js';
import { bars, line, shareOf, shareText, timeline } from './chart.js';
import { type Concern, concernsOf, RUNBOOK_BASE_URL } from './concerns.js';
import { factsOf, type ShownFact } from './facts.js';
import type { AppHistory, PastAttempt, PastOutage } from './history.js';
import { html, type Markup, type Shown } from './markup.js';
import { budgetWords, gapTable, serverViewWords } from './outside.js';
import { age, bytes, lasted, moment } from './words.js';

const HOUR_MS = 3_600_000;
const OUTAGES_SHOWN = 10;

/** Everything that is known of one app. */
export function appSection(status: ConnectorStatus, history: AppHistory): Markup {
  const { app, appId, domain } = status;
  return html`<section aria-labelledby="app">
<h2 id="app"><bdi>${app}</bdi></h2>
<p class="faint"><bdi>${appId}</bdi> at ${domain}</p>
<div class="facts">${factsOf(status).map(factCard)}</div>
${concernList(concernsOf(status, history))}
${now(status)}
${timelines(history)}
${figures(history)}
${outageTable(history.outages.slice(-OUTAGES_SHOWN).toReversed())}
${gapTable(status)}
${attemptTable(history.attempts.toReversed())}
</section>
`;
}

function factCard({ name, tone, word, evidence, ageMs }: ShownFact): Markup {
  const ago = ageMs === null ? html`evidence: none yet` : html`evidence ${age(ageMs)} ago`;
  return html`<div class="fact ${tone}"><h3>${name}</h3>
<p class="claim" data-claim>${word}</p>
<p>${evidence}</p>
<p class="faint">${ago}</p></div>
`;
}

function concernList(concerns: readonly Concern[]): Markup | null {
  if (concerns.length === 0) return null;
  const items = concerns.map(
    ({ tone, says, runbook }) =>
      html`<li class="${tone}"><strong>${tone === 'bad' ? 'wrong' : 'look'}</strong> ${says} <a href="${RUNBOOK_BASE_URL}/${runbook}.md" rel="noreferrer">${runbook}</a></li>
`,
  );
  return html`<h3>What is wrong, and the runbook for it</h3>
<ul class="concerns">${items}</ul>`;
}

function now(status: ConnectorStatus): Markup {
  const { attempts, connections, connected, receiving, outage, token, delivery, sink, at } = status;
  const rows: readonly (readonly [string, Shown])[] = [
    ['outage', outage && outageWords(outage, connected.is, at)],
    ['next attempt', nextAttempt(attempts, at)],
    ['attempts', `${attempts.count} since start`],
    ['connections', `${connections.proven} proven of ${connections.wanted} wanted`],
    ['connection id', connected.connectionId],
    ['silence limit', lasted(connected.silenceLimitMs)],
    ['events received', `${receiving.eventsReceived} since start`],
    [
      'last event',
      receiving.lastEventAt === null ? 'never' : html`${age(Math.max(0, at - receiving.lastEventAt))} ago`,
    ],
    ["platform's count", serverViewWords(status)],
    ['call budget', budgetWords(status)],
    ['token', tokenWords(token, at)],
    ['pending', pendingWords(delivery, at)],
    ['dead letters', delivery.journal === null ? null : delivery.deadLetters],
    ['journal', journalWords(delivery.journal)],
    ['sink', sink ? html`${sink.kind}: ${sink.state} for ${age(at - sink.since)}; ${sink.evidence}` : null],
  ];
  const known = rows.filter(([, shown]) => shown !== null);
  return html`<h3>Now</h3>
<dl>${known.map(([name, shown]) => html`<div><dt>${name}</dt><dd>${shown}</dd></div>\n`)}</dl>`;
}

function outageWords(
  { number, startedAt, cause }: NonNullable<ConnectorStatus['outage']>,
  isConnected: boolean,
  at: number,
): Markup {
  const stable = isConnected ? '; connected again, and not proven stable yet' : null;
  return html`number ${number}, for ${age(at - startedAt)}, caused by ${cause}${stable}`;
}

function nextAttempt({ nextAt, isUnderWay }: ConnectorStatus['attempts'], at: number): Shown {
  if (isUnderWay) return 'under way';
  return nextAt === null ? null : `in ${lasted(Math.max(0, nextAt - at))}`;
}

function tokenWords({ isValid, expiresAt, lastFailure }: ConnectorStatus['token'], at: number): Markup {
  const failed =
    lastFailure && html`; latest failure ${lastFailure.code}, ${age(at - lastFailure.at)} ago: ${lastFailure.detail}`;
  if (!isValid || expiresAt === null || expiresAt <= at) return html`none${failed}`;
  return html`valid for ${lasted(expiresAt - at)}${failed}`;
}

function pendingWords({ pending, capacity, oldestPendingAt }: ConnectorStatus['delivery'], at: number): Markup {
  const oldest = oldestPendingAt === null ? null : html`, the oldest for ${age(Math.max(0, at - oldestPendingAt))}`;
  return html`${pending} of ${capacity}${oldest}`;
}

function journalWords(journal: ConnectorStatus['delivery']['journal']): Markup {
  if (journal === null) return html`none: events are kept in memory`;
  const { isOpen, sizeBytes, lastFailure } = journal;
  const failed =
    lastFailure && html`; latest failure ${lastFailure.reason}, ${age(lastFailure.ageMs)} ago: ${lastFailure.detail}`;
  return html`${isOpen ? 'open' : 'not open'}, ${bytes(sizeBytes)}${failed}`;
}

function timelines(history: AppHistory): Markup {
  const { at, spans, since } = history;
  const start = Math.min(spans[0]?.from ?? since, at - 1);
  const all = { from: start, to: at };
  const hour = { from: at - HOUR_MS, to: at };
  return html`<h3>Timeline</h3>
${start < hour.from ? timelineOf(history, hour, 'the last hour') : null}
${timelineOf(history, all, `the last ${ageText(at - start)}`)}
<p class="legend"><span class="key is-connected"></span> connected <span class="key is-suspect"></span> suspect <span class="key is-disconnected"></span> not connected <span class="key is-stopped"></span> stopped</p>
<p class="faint">Known since ${moment(start)} UTC: this is kept in memory, and begins anew with each start. Metrics keep it for longer.</p>`;
}

function timelineOf(history: AppHistory, window: { readonly from: number; readonly to: number }, name: string): Markup {
  const words = `In ${name}, connected for ${shareText(shareOf(history, window))}`;
  return html`<figure><figcaption>${words}</figcaption>
${timeline(history, window, words)}
<div class="ends"><span>${moment(window.from)}</span><span>now</span></div></figure>
`;
}

function figures({ heartbeats, eventsPerMinute }: AppHistory): Markup {
  const trips = heartbeats.map(({ rttMs }) => rttMs);
  const last = trips.at(-1);
  const rtt =
    last === undefined
      ? 'No heartbeat was answered yet'
      : `Heartbeats: the last took ${trip(last)}, the slowest of ${trips.length} took ${trip(Math.max(...trips))}`;
  const current = eventsPerMinute.at(-1) ?? 0;
  const total = eventsPerMinute.reduce((sum, count) => sum + count, 0);
  const events = `Events: ${current} in this minute, ${total} in the last ${eventsPerMinute.length === 1 ? 'minute' : `${eventsPerMinute.length} minutes`}`;
  return html`<div class="figures">
<figure><figcaption>${rtt}</figcaption>${line(trips, rtt)}</figure>
<figure><figcaption>${events}</figcaption>${bars(eventsPerMinute, events)}</figure>
</div>`;
}

function trip(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : lasted(ms);
}

function outageTable(outages: readonly PastOutage[]): Markup {
  if (outages.length === 0) return html`<h3>Outages</h3><p>None is known.</p>`;
  const rows = outages.map(
    ({
      number,
      cause,
      startedAt,
      attempts,
      durationMs,
    }) => html`<tr><td data-is="no.">${number}</td><td>${moment(startedAt)}</td>
<td data-is="lasted">${durationMs === null ? 'goes on' : lasted(durationMs)}</td><td data-is="attempts">${attempts}</td><td><code>${cause}</code></td></tr>
`,
  );
  return html`<h3 id="outages">Outages</h3>
<div class="wide"><table aria-labelledby="outages"><thead><tr><th scope="col">no.</th><th scope="col">since (UTC)</th><th scope="col">lasted</th><th scope="col">attempts</th><th scope="col">cause</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

const OUTCOMES: Readonly<Record<PastAttempt['outcome'], readonly [tone: string, word: string]>> = {
  under_way: ['off', 'under way'],
  connected: ['good', 'connected'],
  failed: ['bad', 'failed'],
  abandoned: ['off', 'abandoned'],
};

function attemptTable(attempts: readonly PastAttempt[]): Markup {
  if (attempts.length === 0) return html`<h3>Attempts</h3><p>None was made yet.</p>`;
  const rows = attempts.map(({ attempt, startedAt, outcome, durationMs, step, failure, isStandby }) => {
    const [tone, word] = OUTCOMES[outcome];
    const why =
      failure && html`<code>${failure.code}</code> at ${step}${failure.detail === '' ? null : `: ${failure.detail}`}`;
    return html`<tr><td data-is="no.">${attempt}</td><td>${moment(startedAt)}</td><td data-is="took">${durationMs === null ? null : lasted(durationMs)}</td>
<td><span class="word ${tone}">${word}</span>${isStandby ? ' (standby)' : null}</td><td>${why}</td></tr>
`;
  });
  return html`<h3 id="attempts">Latest attempts</h3>
<div class="wide"><table aria-labelledby="attempts"><thead><tr><th scope="col">no.</th><th scope="col">begun (UTC)</th><th scope="col">took</th><th scope="col">outcome</th><th scope="col">cause</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
