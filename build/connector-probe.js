import { createNetwork } from './adapters/index.js';
import { createDiscovery } from './connection/index.js';
import { baseUrlOf } from './connector-options.js';
/** Limit for one probe: connection, TLS and answer. */
const PROBE_TIMEOUT_MS = 10_000;
/**
 * Whether the platform answers as itself to somebody who comes new: over a network of its own, made for this one question
 * and thrown away after it. It carries no credentials and spends no quota. Never rejects.
 * @param signal Ends it early, as unanswered.
 */
export async function probePlatform({ appId, domain = 'feishu', proxy, ca, caFile, }, signal) {
    const { http, close } = createNetwork({
        ...(proxy !== undefined && { proxy }),
        ...(ca !== undefined && { ca }),
        ...(caFile !== undefined && { caFile }),
    });
    const secret = () => Promise.reject(new Error('a probe needs no secret'));
    const { lookAt } = createDiscovery({ http, baseUrl: baseUrlOf(domain), appId, secret });
    try {
        return await lookAt('platform', { timeoutMs: PROBE_TIMEOUT_MS, signal, gateway: null });
    }
    catch {
        // Why it did not answer is told by the connector's own attempts: here it only matters whether it did.
        return false;
    }
    finally {
        await close();
    }
}
