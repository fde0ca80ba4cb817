import { LETTERS_MAX, LetterProblem } from '../../connector-dead-letters.js';
import { backoffMs } from '../../ports/index.js';
/** A full queue empties as its handlers are done. */
const FULL_QUEUE = { initialMs: 100, maxMs: 2_000, factor: 2, jitter: 'none' };
/**
 * Settles one letter after the other, the oldest first, so that those of one chat run in their order. One that fails does
 * not keep the others from being settled; a queue that stays full, or a journal that fails, does.
 * @throws LetterProblem or DaemonSilent if not even the list of all can be had; nothing is settled then.
 */
export async function settleLetters(order) {
    const targets = order.ids?.map((eventId) => ({ app: order.app, eventId })) ?? (await allOf(order));
    let settled = 0;
    let gone = 0;
    let failed = 0;
    let fault = null;
    for (const { app, eventId } of targets) {
        if (order.isStopped())
            break;
        try {
            const letter = await patiently(order, app, eventId);
            settled += 1;
            order.onSettled(letter, settled + failed, targets.length);
        }
        catch (error) {
            if (!(error instanceof LetterProblem)) {
                fault = error;
                break;
            }
            const { reason } = error;
            if (order.ids === null && reason === 'no_such_letter') {
                // Somebody else settled it meanwhile: what was asked for is done.
                gone += 1;
                continue;
            }
            failed += 1;
            order.onFailed({ app, eventId, problem: error });
            // The next one would meet the same.
            if (reason !== 'no_such_letter' && reason !== 'ambiguous')
                break;
        }
    }
    return { settled, failed, left: targets.length - settled - failed - gone, fault };
}
/**
 * Their ids alone, before the first is settled: one that is replayed and dies again comes back to the end of the list, and
 * would be replayed for ever.
 */
async function allOf({ office, app, isStopped }) {
    const targets = [];
    let after = null;
    do {
        const page = await office.list({ app, after, limit: LETTERS_MAX });
        for (const letter of page.letters)
            targets.push({ app: letter.app, eventId: letter.eventId });
        after = page.next;
    } while (after !== null && !isStopped());
    return targets;
}
async function patiently(order, app, eventId) {
    const { office, how, clock, patienceMs } = order;
    const endsAt = clock.now() + patienceMs;
    for (let refusals = 1;; refusals += 1) {
        try {
            return await office.settle(how, app, eventId);
        }
        catch (error) {
            const isBusy = error instanceof LetterProblem && error.reason === 'busy';
            if (!isBusy || order.isStopped() || clock.now() >= endsAt)
                throw error;
            const pauseMs = backoffMs(FULL_QUEUE, refusals, 0);
            await new Promise((resolve) => void clock.timer(pauseMs, resolve));
        }
    }
}
