import { seededRandom } from '../ports/index.js';
import { Platform } from './platform.js';
import { realClock } from './real-clock.js';
import { RealFace } from './real-face.js';
/**
 * Makes a Simulator; it does nothing before `start()`.
 * @throws RangeError for an option out of bounds, naming it.
 */
export function createSimulator(options = {}) {
    const { seed = 1, clock = realClock, port, host, ...rest } = options;
    const platform = new Platform({ ...rest, clock, random: seededRandom(seed) });
    const face = new RealFace(platform, {
        ...(port === undefined ? {} : { port }),
        ...(host === undefined ? {} : { host }),
    });
    return {
        platform,
        ledger: platform.ledger,
        start: () => face.start(),
        async stop() {
            platform.stop();
            await face.stop();
        },
        send: (event, target) => platform.send(event, target),
        inject: (fault) => platform.inject(fault),
        clear: (id) => platform.clear(id),
    };
}
