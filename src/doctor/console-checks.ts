import { z } from 'zod';
import { CONSOLE_ADVICE } from '../catchup/index.js';
import { type CallOutcome, callAdvice, callApi, whyNot } from './api-call.js';
import { type Check, type Finding, fail, ok, skip, warn } from './check.js';
import { text } from './foreign.js';
import { SPARED } from './online-checks.js';
import type { Visit } from './visit.js';
import { printable, shown } from './words.js';

/** How the app is set up in the developer console, as far as the platform tells (F10). */
export const CONSOLE_CHECKS: readonly Check<Visit>[] = [
  { name: 'scopes', look: scopes },
  { name: 'subscription', look: subscription },
];

/** Beside a daemon the token is our own too, whatever the daemon's is. */
export const CONSOLE_BESIDE_DAEMON: readonly Check<Visit>[] = CONSOLE_CHECKS.map((check) => ({
  ...check,
  needs: ['configuration', 'TLS'],
}));

/** Needs no scope of its own. */
export const SCOPES_ROUTE = '/open-apis/application/v6/scopes';
const APPLICATION_ROUTE = '/open-apis/application/v6/applications/:app_id';

const scopesAnswer = z.object({
  scopes: z.array(z.object({ scope_name: text, grant_status: z.number() })).max(5_000),
});
// The answer may hold keys of the app: nothing but these fields is ever looked at.
const applicationAnswer = z.object({
  app: z.object({
    event: z
      .object({ subscription_type: text.optional(), subscribed_events: z.array(text).max(5_000).optional() })
      .nullish(),
    callback: z
      .object({ callback_type: text.optional(), subscribed_callbacks: z.array(text).max(5_000).optional() })
      .nullish(),
  }),
});

const GRANTED = 1;

/** Says nothing of the console: there is nothing to look at in it yet. */
function untold(answer: Exclude<CallOutcome, { ok: true }>): Finding {
  return warn(`the platform did not tell: ${printable(whyNot(answer))}`, callAdvice(answer));
}

async function scopes(visit: Visit, limitMs: number): Promise<Finding> {
  if (!visit.mayCall) return skip(SPARED);
  const answer = await callApi(visit, SCOPES_ROUTE, {}, limitMs);
  if (!answer.ok) return untold(answer);
  const parsed = scopesAnswer.safeParse(answer.data);
  if (!parsed.success) return skip('the answer has no list of scopes');
  const named = (isGranted: boolean) =>
    parsed.data.scopes.filter((each) => (each.grant_status === GRANTED) === isGranted).map((each) => each.scope_name);
  return judgeScopes([...new Set(named(true))], [...new Set(named(false))]);
}

/** Scopes with which messages of some kind come. */
const MESSAGES = /^im:message(\.(p2p_msg|group_at_msg|group_msg)(:\w+)*)?$/;
/** Scopes with which catch-up can read what was missed. */
const HISTORY = /^im:message(:readonly|\.history:readonly|\.group_msg)?$/;

/** @param waiting Asked for, and not granted. Pure. */
export function judgeScopes(granted: readonly string[], waiting: readonly string[]): Finding {
  const told = `${granted.length} granted${granted.length === 0 ? '' : `: ${shown(messagesFirst(granted))}`}`;
  const missed = waiting.length === 0 ? '' : `; asked for and not granted: ${shown(messagesFirst(waiting))}`;
  if (!granted.some((scope) => MESSAGES.test(scope))) {
    const evidence = `${told}${missed}; none of them brings messages`;
    return warn(evidence, `${CONSOLE_ADVICE.permissions} ${CONSOLE_ADVICE.version}`);
  }
  if (waiting.length > 0) return warn(`${told}${missed}`, CONSOLE_ADVICE.version);
  if (!granted.some((scope) => HISTORY.test(scope))) {
    const advice = 'Catch-up needs im:message:readonly to fetch what an outage swallowed; without it that is lost.';
    return warn(`${told}; none of them reads the history`, advice);
  }
  return ok(told);
}

/** Those of messages first: the others are the application's own business. */
function messagesFirst(names: readonly string[]): string[] {
  return [...names].sort((a, b) => Number(b.startsWith('im:')) - Number(a.startsWith('im:')));
}

async function subscription(visit: Visit, limitMs: number): Promise<Finding> {
  if (!visit.mayCall) return skip(SPARED);
  const route = APPLICATION_ROUTE.replace(':app_id', 'me');
  const answer = await callApi(visit, route, { lang: 'en_us' }, limitMs);
  if (!answer.ok && 'failure' in answer && answer.failure.failure === 'scope_missing') {
    const named = answer.failure.scopes.join(' or ') || 'application:application:self_manage';
    return skip(`the app may not read its own settings (${named}). Look there yourself: ${CONSOLE_ADVICE.mode}`);
  }
  if (!answer.ok) return untold(answer);
  const parsed = applicationAnswer.safeParse(answer.data);
  const event = parsed.success ? parsed.data.app.event : null;
  if (!parsed.success || !event) return skip(`the answer does not tell. Look there yourself: ${CONSOLE_ADVICE.mode}`);
  const { callback } = parsed.data.app;
  return judgeSubscription({
    mode: event.subscription_type ?? null,
    events: event.subscribed_events ?? null,
    callbackMode: callback?.callback_type ?? null,
    callbacks: callback?.subscribed_callbacks ?? [],
  });
}

/** How events and callbacks of an app are delivered; null where the platform does not tell. */
export interface Subscription {
  readonly mode: string | null;
  readonly events: readonly string[] | null;
  readonly callbackMode: string | null;
  readonly callbacks: readonly string[];
}

/** Pure. */
export function judgeSubscription({ mode, events, callbackMode, callbacks }: Subscription): Finding {
  const told = `events go to ${mode ?? 'an unknown place'}; ${events === null ? 'which is not told' : events.length === 0 ? 'none is added' : `added: ${shown(messagesFirst(events))}`}`;
  if (mode === 'webhook') {
    const evidence = `${told}: a webhook gets them, and no long connection ever does (F10)`;
    return fail(evidence, `${CONSOLE_ADVICE.mode} ${CONSOLE_ADVICE.version}`);
  }
  if (events?.length === 0)
    return fail(`${told}: connected, and deaf by design (F10)`, `${CONSOLE_ADVICE.events} ${CONSOLE_ADVICE.version}`);
  if (callbackMode === 'webhook' && callbacks.length > 0)
    return warn(`${told}; callbacks (${shown(messagesFirst(callbacks))}) go to a webhook`, CONSOLE_ADVICE.callbacks);
  return ok(told);
}
