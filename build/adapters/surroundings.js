import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
/** This machine's own interfaces and resolver. */
export const systemSurroundings = {
    addresses: () => addressesOf(readInterfaces()),
    async resolve(host, { timeoutMs, signal }) {
        if (isIP(host) !== 0)
            return [host];
        // Not `lookup`: that asks in a thread which nothing can call back, and of which there are four. A new one each time:
        // it reads which servers to ask, and those change with the network.
        const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
        const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
        const cancel = () => resolver.cancel();
        deadline.addEventListener('abort', cancel, { once: true });
        try {
            if (deadline.aborted)
                return [];
            const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
            return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
        }
        finally {
            deadline.removeEventListener('abort', cancel);
        }
    },
};
/** Addresses as `interface address`, sorted; those that lead to no other network left out. */
export function addressesOf(interfaces) {
    return Object.entries(interfaces)
        .flatMap(([name, infos]) => (infos ?? []).map((info) => ({ name, ...info })))
        .filter(({ internal, address }) => !internal && !/^(169\.254\.|fe[89ab][0-9a-f]:)/i.test(address))
        .map(({ name, address }) => `${name} ${address}`)
        .sort();
}
function readInterfaces() {
    try {
        return networkInterfaces();
    }
    catch {
        // Some sandboxes forbid the question (uv_interface_addresses: EPERM). Then there is nothing to see, ever.
        return {};
    }
}
