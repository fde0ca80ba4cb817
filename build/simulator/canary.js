import { objectOf } from './event.js';
import { customEvent } from './event-builders.js';
/** The type of the events that {@link simulatorCanary} causes. */
export const CANARY_EVENT = 'simulator.canary_v1';
/**
 * A canary for the simulated platform: an event of a type of its own, with a marker in it. It fits the connector's canary,
 * which this room does not know.
 */
export function simulatorCanary(platform, appId) {
    let count = 0;
    return {
        cause: async (_signal) => {
            const marker = `canary-${++count}`;
            platform.send(customEvent(CANARY_EVENT, { marker }), appId === undefined ? {} : { appId });
            return marker;
        },
        sees: (event, marker) => event.type === CANARY_EVENT && objectOf(event.data).marker === marker,
    };
}
