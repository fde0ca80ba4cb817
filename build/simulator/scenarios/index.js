import { busyPlatform } from './busy-platform.js';
import { halfOpenFreeze } from './half-open-freeze.js';
import { nightly8h30 } from './nightly-8h30.js';
import { rudeGateway } from './rude-gateway.js';
import { tokenAndDiscoveryOutage } from './token-and-discovery-outage.js';
/** The stories that come with the simulator. */
export const SCENARIOS = [
    tokenAndDiscoveryOutage,
    halfOpenFreeze,
    rudeGateway,
    busyPlatform,
    nightly8h30,
];
export { busyPlatform, halfOpenFreeze, nightly8h30, rudeGateway, tokenAndDiscoveryOutage };
