import type { ConnectorStatus } from '../../connector-status.js';
import type { AppHistory, PastRefresh, ProvenSession } from './history.js';
import { html, type Markup, type Shown } from './markup.js';
import { budgetWords, comparisonWords, serverViewWords } from './outside.js';
import { age, bytes, figure, lasted, left, moment, trip } from './words.js';

/** What is so at this moment, by name; what does not apply is left out. */
export function now(status: ConnectorStatus, history: AppHistory): Markup {
  const { attempts, connected, connections, receiving, outage, lastFailure, token, delivery, sink, at } = status;
  const rows: readonly (readonly [string, Shown])[] = [
    ['outage', outage && outageWords(outage, connected.is, at)],
    ['next attempt', nextAttempt(attempts, at)],
    ['attempts', `${figure(attempts.count)} since start`],
    [
      'latest failure',
      lastFailure && html`<code>${lastFailure.code}</code>, ${age(Math.max(0, at - lastFailure.at))} ago`,
    ],
    ['connections', `${connections.proven} proven of ${connections.wanted} wanted`],
    ...history.sessions.map((session) => [`connection ${session.attempt}`, sessionWords(session, at)] as const),
    ['silence limit', lasted(connected.silenceLimitMs)],
    ['events', `${figure(receiving.eventsReceived)} since start`],
    ['last event', agoWords(receiving.lastEventAt, at)],
    ['last frame', agoWords(receiving.lastFrameAt, at)],
    ["platform's count", serverViewWords(status)],
    ['history compared', comparisonWords(status)],
    ['call budget', budgetWords(status)],
    ['token', tokenWords(token, at)],
    ['latest renewal', history.lastRefresh && refreshWords(history.lastRefresh, at)],
    ['pending', pendingWords(delivery, at)],
    ['dead letters', delivery.journal && figure(delivery.deadLetters)],
    ['journal', journalWords(delivery.journal)],
    [
      'sink',
      sink ? html`${sink.kind}: ${sink.state} for ${age(Math.max(0, at - sink.since))}; ${sink.evidence}` : null,
    ],
  ];
  const known = rows.filter(([, shown]) => shown !== null);
  return html`<h3 id="now">Now</h3>
<dl aria-labelledby="now">${known.map(([name, shown]) => html`<div><dt>${name}</dt><dd>${shown}</dd></div>\n`)}</dl>`;
}

function outageWords(
  { number, startedAt, cause }: NonNullable<ConnectorStatus['outage']>,
  isConnected: boolean,
  at: number,
): Markup {
  const stable = isConnected ? '; connected again, and not proven stable yet' : null;
  return html`number ${number}, for ${age(Math.max(0, at - startedAt))}, caused by <code>${cause}</code>${stable}`;
}

function nextAttempt({ nextAt, isUnderWay }: ConnectorStatus['attempts'], at: number): Shown {
  if (isUnderWay) return 'under way';
  return nextAt === null ? null : html`in ${left(nextAt - at)}`;
}

/** What this very socket rests on: the first pong proved it, the latest says that it still is. */
function sessionWords({ connectionId, provenAt, answeredAt, rttMs }: ProvenSession, at: number): Markup {
  const answered =
    answeredAt === null || rttMs === null
      ? null
      : html`; latest pong ${age(Math.max(0, at - answeredAt))} ago after ${trip(rttMs)}`;
  return html`proven ${age(Math.max(0, at - provenAt))} ago${answered} <span class="faint">(<bdi>${connectionId}</bdi>)</span>`;
}

function agoWords(at: number | null, now: number): Markup {
  return at === null ? html`never` : html`${age(Math.max(0, now - at))} ago`;
}

function tokenWords({ isValid, expiresAt, lastFailure }: ConnectorStatus['token'], at: number): Markup {
  const failed =
    lastFailure &&
    html`; latest failure <code>${lastFailure.code}</code>, ${age(Math.max(0, at - lastFailure.at))} ago: ${lastFailure.detail}`;
  if (!isValid || expiresAt === null || expiresAt <= at) return html`none${failed}`;
  return html`expires in ${left(expiresAt - at)} (${moment(expiresAt)})${failed}`;
}

function refreshWords({ at, durationMs, failure }: PastRefresh, now: number): Markup {
  const how = failure === null ? html`succeeded` : html`failed: <code>${failure.code}</code>`;
  return html`${how}, ${age(Math.max(0, now - at))} ago, took ${lasted(durationMs)}`;
}

function pendingWords({ pending, capacity, oldestPendingAt }: ConnectorStatus['delivery'], at: number): Markup {
  const oldest = oldestPendingAt === null ? null : html`, the oldest for ${age(Math.max(0, at - oldestPendingAt))}`;
  return html`${figure(pending)} of ${figure(capacity)}${oldest}`;
}

function journalWords(journal: ConnectorStatus['delivery']['journal']): Markup {
  if (journal === null) return html`none: events are kept in memory`;
  const { isOpen, sizeBytes, lastFailure } = journal;
  const failed =
    lastFailure && html`; latest failure ${lastFailure.reason}, ${age(lastFailure.ageMs)} ago: ${lastFailure.detail}`;
  return html`${isOpen ? 'open' : 'not open'}, ${bytes(sizeBytes)}${failed}`;
}
