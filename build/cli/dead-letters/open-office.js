import { createNetwork } from '../../adapters/index.js';
import { LetterProblem } from '../../connector-dead-letters.js';
import { daemonUrlOf } from '../daemon-address.js';
import { DaemonOffice } from './daemon-office.js';
import { openReadingOffice, openSettlingOffice } from './journal-office.js';
import { DaemonSilent } from './office.js';
/**
 * The daemon where one listens; else, unless one was named, the journal itself.
 * @throws DaemonSilent if something listens that is no daemon of ours, or does not answer.
 */
export async function openOffice(choice) {
    const { address, config, timeoutMs } = choice;
    const url = address.url ?? (config === null ? null : daemonUrlOf(config));
    if (url === null)
        return inJournal(choice, 'The daemon listens on a port that only it knows (port 0).');
    const daemon = daemonOf(url, choice, timeoutMs);
    try {
        await daemon.list({ app: null, after: null, limit: 1 });
        return { office: daemon, notice: null };
    }
    catch (error) {
        // A daemon all the same: what it says of the question itself it will say again.
        if (error instanceof LetterProblem)
            return { office: daemon, notice: null };
        await daemon.close();
        const isNobody = error instanceof DaemonSilent && error.is === 'absent';
        if (!isNobody || address.url !== undefined || config === null)
            throw error;
        return inJournal(choice, `Nobody listens at ${url}.`);
    }
}
/** The journal beside the daemon that owns it: to look into, where that one shows nothing. */
export function openBeside(choice, notice) {
    return inJournal({ ...choice, isSettling: false }, notice);
}
async function inJournal({ config, app, isSettling }, why) {
    const apps = config?.apps ?? [];
    const named = app === null ? [] : apps.filter((each) => each.app === app || each.appId === app);
    // Only what is meant is opened; of a name that nobody has the office itself says who there is.
    const meant = named.length > 0 ? named : apps;
    if (!isSettling) {
        return { office: await openReadingOffice(meant), notice: `${why} The journal itself is read.` };
    }
    return { office: await openSettlingOffice(meant), notice: `${why} The journal itself is opened.` };
}
function daemonOf(url, { address }, timeoutMs) {
    // A listen address is this machine's; one that was named may well be behind a proxy.
    const network = createNetwork(address.url === undefined ? { proxy: 'none' } : {});
    return new DaemonOffice({ http: network.http, url, timeoutMs, close: () => network.close() });
}
