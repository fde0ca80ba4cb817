import { DELIVERY_DEFAULTS, TOKEN_DEFAULTS } from '../../connector-parts.js';
import type { ConnectorStatus } from '../../connector-status.js';
import { factsOf } from './facts.js';
import type { Lately } from './history.js';
import { concernsFromOutside } from './outside.js';
import { figure } from './words.js';

/** One thing that is wrong, and the page that tells what to do. */
export interface Concern {
  readonly tone: 'bad' | 'warn';
  readonly says: string;
  /** Name of the runbook. */
  readonly runbook: `Feishu${string}`;
}

/** Beside the colour. */
export const CONCERN_WORDS: Readonly<Record<Concern['tone'], string>> = { bad: 'wrong', warn: 'look' };

/** More outages within {@link FLAPPING_WINDOW_MS} than that are no bad luck; the alert FeishuWsFlapping counts the same. */
export const FLAPS_ALLOWED = 4;
const FLAPPING_WINDOW_MS = 900_000;
/** A fifth of the room is the time left to act; the alert FeishuQueueSaturated draws the line there too. */
const CROWDED_RATIO = 0.8;
/** Twice what a handler may take by default: whatever is older waits for something else. */
const OLD_DELIVERY_MS = 2 * DELIVERY_DEFAULTS.handlerDeadlineMs;
/** How long the latest failure of a journal that works again is worth a word. */
const RECENT_MS = 900_000;

/** What is wrong with an app now, the worst first. */
export function concernsOf(status: ConnectorStatus, history: Lately): readonly Concern[] {
  const found = [
    ...ofConnection(status, history),
    ...concernsFromOutside(status),
    ...ofToken(status, history),
    ...ofDelivery(status),
    ...ofJournal(status),
    ...ofSink(status),
  ];
  return [...found.filter(({ tone }) => tone === 'bad'), ...found.filter(({ tone }) => tone === 'warn')];
}

function ofConnection(status: ConnectorStatus, history: Lately): Concern[] {
  const { connected, lastFailure } = status;
  const [alive, link, receiving] = factsOf(status);
  const found: Concern[] = [];
  if (!alive.is) found.push(bad("The connector's own loop does not run.", 'FeishuSupervisorStalled'));
  if (!link.is) found.push(whyNotConnected(connected, lastFailure));
  // A zombie has a runbook of its own.
  else if (!receiving.is && status.serverView?.verdict !== 'zombie')
    found.push(bad(`Events do not arrive: ${receiving.evidence}`, 'FeishuEventsSilent'));
  if (isFlapping(status, history)) found.push(warn('The connection is lost again and again.', 'FeishuWsFlapping'));
  return found;
}

function whyNotConnected(
  { state }: ConnectorStatus['connected'],
  lastFailure: ConnectorStatus['lastFailure'],
): Concern {
  if (state === 'connected' || state === 'suspect')
    return bad('The socket is open, and nothing is heard on it.', 'FeishuWsHalfOpen');
  if (state === 'stopped' || state === 'idle') return bad('It does not try to connect.', 'FeishuWsGaveUp');
  if (lastFailure?.verdict === 'operator')
    return bad(`${lastFailure.help} It is retried slowly meanwhile.`, 'FeishuConnectRejected');
  const why =
    lastFailure === null ? 'Not connected yet; nothing has failed so far.' : `Not connected: ${lastFailure.help}`;
  return bad(`${why} It goes on trying by itself.`, 'FeishuWsDisconnected');
}

function isFlapping({ at }: ConnectorStatus, { outages }: Lately): boolean {
  return outages.filter(({ startedAt }) => startedAt > at - FLAPPING_WINDOW_MS).length > FLAPS_ALLOWED;
}

function ofToken({ at, token }: ConnectorStatus, { lastRefresh }: Lately): Concern[] {
  const { isValid, expiresAt, lastFailure } = token;
  const leftMs = isValid && expiresAt !== null ? expiresAt - at : 0;
  if (leftMs <= 0)
    return lastFailure === null
      ? []
      : [bad(`There is no tenant token: ${lastFailure.detail}`, 'FeishuTokenRefreshFailing')];
  // The failure is kept after a renewal that succeeded.
  const isRenewed = lastRefresh !== null && lastRefresh.failure === null;
  const isFailing = lastFailure !== null && !isRenewed && at - lastFailure.at < TOKEN_DEFAULTS.refreshMarginMs;
  // Half of the margin went by without a renewal: the alert FeishuTokenNearExpiry draws the line there too.
  if (leftMs >= TOKEN_DEFAULTS.refreshMarginMs / 2 || !isFailing) return [];
  return [warn(`The tenant token is not renewed: ${lastFailure.detail}`, 'FeishuTokenNearExpiry')];
}

function ofDelivery({ at, delivery }: ConnectorStatus): Concern[] {
  const { pending, capacity, oldestPendingAt, deadLetters } = delivery;
  const found: Concern[] = [];
  if (pending >= capacity)
    found.push(bad('There is no room for further events: they are not taken.', 'FeishuQueueSaturated'));
  else if (pending >= capacity * CROWDED_RATIO)
    found.push(warn('Little room is left for further events.', 'FeishuQueueSaturated'));
  if (oldestPendingAt !== null && at - oldestPendingAt > OLD_DELIVERY_MS)
    found.push(warn('An event waits for longer than a handler may take.', 'FeishuHandlerStalled'));
  if (deadLetters > 0)
    found.push(
      warn(
        deadLetters === 1 ? 'An event waits for a human.' : `${figure(deadLetters)} events wait for a human.`,
        'FeishuDeadLetters',
      ),
    );
  return found;
}

function ofJournal({ delivery: { journal } }: ConnectorStatus): Concern[] {
  if (journal === null) return [];
  const { isOpen, lastFailure } = journal;
  if (!isOpen) return [bad('The journal is not open.', 'FeishuJournalFailing')];
  if (lastFailure === null || lastFailure.ageMs > RECENT_MS) return [];
  return [warn(`The journal failed a while ago: ${lastFailure.detail}`, 'FeishuJournalFailing')];
}

function ofSink({ sink }: ConnectorStatus): Concern[] {
  return sink?.state === 'down' ? [bad(`Events do not get through: ${sink.evidence}`, 'FeishuSinkDown')] : [];
}

function bad(says: string, runbook: Concern['runbook']): Concern {
  return { tone: 'bad', says, runbook };
}

function warn(says: string, runbook: Concern['runbook']): Concern {
  return { tone: 'warn', says, runbook };
}
