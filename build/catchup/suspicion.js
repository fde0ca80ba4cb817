import { backoffMs } from '../ports/index.js';
export const CALM = Object.freeze({
    look: null,
    lookedAt: [],
    replacedAt: null,
    vain: 0,
    judgeAt: null,
    recheckAt: null,
});
const HOUR_MS = 3_600_000;
/** The Ladder after this input, and what follows. Pure; `now` is monotonic milliseconds. */
export function climbed(ladder, input, policy, now) {
    switch (input.type) {
        case 'suspect':
            return suspect(ladder, input.suspicion, input.proof, policy, now);
        case 'viewed':
            return viewed(ladder, input.isBelow, policy, now);
        case 'compared':
            return compared(ladder, input.verdict === 'deaf' && !input.isExplained, policy, now);
        case 'event':
            return event(ladder);
        case 'disconnected':
            // A new connection starts with a clean slate; what it was replaced for is not forgotten.
            return { next: { ...ladder, look: null }, actions: [] };
        case 'tick':
            return tick(ladder, policy, now);
    }
}
/** When the Ladder wants a tick, monotonic milliseconds, or null. */
export function ladderWakeAt(ladder) {
    const times = [ladder.judgeAt, ladder.recheckAt].filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times);
}
/** Whether these are a case: history that contradicts us, two canaries, or two facts from different sources. */
export function isEnough(proofs) {
    const kinds = new Set(proofs);
    return kinds.has('unseen_message') || kinds.has('canary_missing') || kinds.size >= 2;
}
function suspect(ladder, suspicion, proof, policy, now) {
    const proofs = proof === null ? [] : [proof];
    if (ladder.look !== null) {
        return decide({ ...ladder, look: { ...ladder.look, proofs: [...ladder.look.proofs, ...proofs] } }, policy, now);
    }
    const lookedAt = ladder.lookedAt.filter((at) => now - at < HOUR_MS);
    // Beyond the bound only a human's wish counts: something keeps us suspicious, and looking does not settle it.
    if (lookedAt.length >= policy.looksPerHour && suspicion !== 'operator')
        return { next: { ...ladder, lookedAt }, actions: [] };
    const look = { suspicion, proofs, awaitsView: true, awaitsHistory: true };
    const step = decide({ ...ladder, look, lookedAt: [...lookedAt, now] }, policy, now);
    if (step.next.look === null)
        return step;
    return { next: step.next, actions: [{ do: 'look', suspicion, isConfirming: suspicion === 'server_view' }] };
}
function viewed(ladder, isBelow, policy, now) {
    const { look } = ladder;
    if (look === null)
        return { next: ladder, actions: [] };
    const proof = look.proofs.includes('count_below') ? 'count_below_again' : 'count_below';
    const proofs = isBelow === true ? [...look.proofs, proof] : look.proofs;
    return decide({ ...ladder, look: { ...look, proofs, awaitsView: false } }, policy, now);
}
function compared(ladder, isProof, policy, now) {
    const proofs = isProof ? ['unseen_message'] : [];
    const { look } = ladder;
    if (look !== null) {
        return decide({ ...ladder, look: { ...look, proofs: [...look.proofs, ...proofs], awaitsHistory: false } }, policy, now);
    }
    if (!isProof)
        return { next: ladder, actions: [] };
    const found = { suspicion: 'schedule', proofs, awaitsView: false, awaitsHistory: false };
    return decide({ ...ladder, look: found }, policy, now);
}
function decide(ladder, policy, now) {
    const { look } = ladder;
    if (look === null)
        return { next: ladder, actions: [] };
    if (isEnough(look.proofs))
        return replace(ladder, look.proofs, policy, now);
    if (look.awaitsView || look.awaitsHistory)
        return { next: ladder, actions: [] };
    return { next: { ...ladder, look: null, recheckAt: null }, actions: [{ do: 'clear', suspicion: look.suspicion }] };
}
function replace(ladder, proofs, policy, now) {
    const pauseMs = backoffMs(policy.pause, ladder.vain, 0);
    const freeAt = ladder.replacedAt === null ? now : ladder.replacedAt + pauseMs;
    // Too soon after the last: what is proven is looked at again when the pause is over, and may be gone by then.
    if (freeAt > now)
        return { next: { ...ladder, look: null, recheckAt: freeAt }, actions: [] };
    const next = {
        ...ladder,
        look: null,
        replacedAt: now,
        // In vain until an event says otherwise.
        vain: ladder.vain + 1,
        judgeAt: now + policy.judgeMs,
        recheckAt: now + backoffMs(policy.pause, ladder.vain + 1, 0),
    };
    return { next, actions: [{ do: 'replace', proofs: [...new Set(proofs)] }] };
}
function event(ladder) {
    if (ladder.judgeAt === null && ladder.vain === 0)
        return { next: ladder, actions: [] };
    const actions = ladder.judgeAt === null ? [] : [{ do: 'judge', isEffective: true }];
    // The recheck stays: of two connections one may bring events while the other does not.
    return { next: { ...ladder, judgeAt: null, vain: 0 }, actions };
}
function tick(ladder, policy, now) {
    let next = ladder;
    const actions = [];
    if (next.judgeAt !== null && next.judgeAt <= now) {
        next = { ...next, judgeAt: null };
        actions.push({ do: 'judge', isEffective: false });
    }
    if (next.recheckAt === null || next.recheckAt > now)
        return { next, actions };
    const again = suspect({ ...next, recheckAt: null }, 'schedule', null, policy, now);
    return { next: again.next, actions: [...actions, ...again.actions] };
}
