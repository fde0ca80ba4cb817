import { ROUTES, readOnlineCount } from '../catchup/index.js';
import { callAdvice, callApi, whyNot } from './api-call.js';
import { type Check, type Finding, fail, ok, skip, warn } from './check.js';
import type { AppStatus } from './daemon-status.js';
import type { Visit } from './visit.js';
import { printable, span } from './words.js';

/** Without a daemon: what the platform counts before the probe connection, with it, and after it. */
export const ONLINE_CHECKS: readonly Check<Visit>[] = [
  { name: 'online', look: onlineBefore },
  { name: 'online during', look: onlineDuring },
  { name: 'online after', look: onlineAfter },
];

/** Beside a daemon: whether what the platform counts are the daemon's own. */
export const ONLINE_BESIDE_DAEMON: Check<Visit> = {
  name: 'online',
  needs: ['configuration', 'TLS'],
  look: onlineBeside,
};

/** Of the 50 that the documentation allows per app; what is left is for a deployment to roll. */
const NEAR_THE_LIMIT = 45;
/** The daemon asks by itself, if it may; so fresh an answer needs no second question. */
const FRESH_VIEW_MS = 20 * 60_000;

export const SPARED = 'the API was not asked (--no-api)';
const FOREIGN_ADVICE =
  'The platform gives each event to one connection by chance: that other client takes its part (F07). It may be a connector elsewhere, an old container, or a developer at home; it cannot be told from here or closed. Stop it, or give it an app of its own.';

type Counted = { readonly count: number; readonly tookMs: number } | { readonly uncounted: Finding };

async function counted(visit: Visit, limitMs: number): Promise<Counted> {
  const startedAt = visit.clock.now();
  const answer = await callApi(visit, ROUTES.view, {}, limitMs);
  const tookMs = visit.clock.now() - startedAt;
  if (!answer.ok) return { uncounted: uncounted(printable(whyNot(answer)), callAdvice(answer)) };
  const count = readOnlineCount(answer.data);
  if (count !== null) return { count, tookMs };
  return { uncounted: uncounted('the answer has no count', 'Ask again, and report it with --json if it stays so.') };
}

function uncounted(why: string, advice: string): Finding {
  return warn(`the platform did not tell its count: ${why}`, `${advice} Events are received without it.`);
}

async function onlineBefore(visit: Visit, limitMs: number): Promise<Finding> {
  if (!visit.mayCall) return skip(SPARED);
  const seen = await counted(visit, limitMs);
  if ('uncounted' in seen) return seen.uncounted;
  visit.online.before = seen.count;
  return judgeBefore(seen.count, seen.tookMs);
}

/** Where no daemon runs it nobody should be there. Pure. */
export function judgeBefore(count: number, tookMs: number): Finding {
  if (count === 0) return ok('the platform counts no connection of this app', { tookMs });
  const told = `the platform counts ${countOf(count)} of this app, and none of them is a daemon's that was found here`;
  const near = count >= NEAR_THE_LIMIT ? ' At most 50 may be online: the next ones are refused (F06).' : '';
  return warn(told, `${FOREIGN_ADVICE}${near}`, { tookMs });
}

async function onlineDuring(visit: Visit, limitMs: number): Promise<Finding> {
  const { before } = visit.online;
  if (before === null) return skip(visit.mayCall ? 'there is no count from before to compare with' : SPARED);
  const seen = await counted(visit, limitMs);
  if ('uncounted' in seen) return seen.uncounted;
  visit.online.during = seen.count;
  return judgeDuring(before, seen.count, seen.tookMs);
}

/** The probe should be one more. Pure. */
export function judgeDuring(before: number, count: number, tookMs: number): Finding {
  const told = `with the probe connection it counts ${count}, ${before} before`;
  if (count > before) return ok(told, { tookMs });
  return warn(
    `${told}: it does not count one that answers its pings`,
    'Its count may lag, or another client left meanwhile. If a daemon shows the same, it is connected and deaf (F04): see the runbook FeishuWsZombie.',
    { tookMs },
  );
}

async function onlineAfter(visit: Visit, limitMs: number): Promise<Finding> {
  const { before } = visit.online;
  if (before === null) return skip(visit.mayCall ? 'there is no count from before to compare with' : SPARED);
  const seen = await counted(visit, limitMs);
  if ('uncounted' in seen) return seen.uncounted;
  return judgeAfter(before, seen.count, seen.tookMs);
}

/** Pure. */
export function judgeAfter(before: number, count: number, tookMs: number): Finding {
  if (count <= before) return ok(`after the probe connection it counts ${count}, ${before} before`, { tookMs });
  return ok(
    `after the probe connection it counts ${count}, ${before} before: it forgets a closed one only after a while (F08)`,
    { tookMs },
  );
}

async function onlineBeside(visit: Visit, limitMs: number): Promise<Finding> {
  const { status } = visit;
  if (status === null) throw new TypeError('no daemon runs it');
  const { serverView: view } = status;
  if (view && view.seen !== null && view.ageMs !== null && view.ageMs < FRESH_VIEW_MS) {
    const asked = `asked by the daemon ${span(view.ageMs)} ago`;
    return { ...judgeBeside(view.seen, view.expected ?? ownOf(status), asked), ageMs: Math.round(view.ageMs) };
  }
  if (!visit.mayCall) return skip(SPARED);
  const seen = await counted(visit, limitMs);
  if ('uncounted' in seen) return seen.uncounted;
  const expected = view?.expected ?? ownOf(status);
  return {
    ...judgeBeside(seen.count, expected, `asked now, in ${span(seen.tookMs)}`),
    tookMs: Math.round(seen.tookMs),
  };
}

function ownOf({ connections, connected }: AppStatus): number {
  return connections?.proven ?? (connected.is ? 1 : 0);
}

/** What the platform counts against what the daemon has. Pure. */
export function judgeBeside(count: number, expected: number, asked: string): Finding {
  const told = `the platform counts ${countOf(count)} of this app, ${expected} expected (${asked})`;
  if (count < expected) {
    return fail(
      `${told}: it does not see what the daemon holds for connected`,
      'Connected, and deaf all the same (F04). Ask again in a minute: its count may lag behind a reconnect. The runbook is FeishuWsZombie.',
    );
  }
  if (count === expected) return ok(told);
  const near = count >= NEAR_THE_LIMIT ? ' At most 50 may be online (F06).' : '';
  return warn(
    `${told}: somebody else is connected as this app, or one that ended lately is still counted`,
    `Ask again in a few minutes. ${FOREIGN_ADVICE}${near}`,
  );
}

function countOf(count: number): string {
  return `${count} ${count === 1 ? 'connection' : 'connections'}`;
}
