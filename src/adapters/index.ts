export { networkErrorOf, networkMessageOf } from './network-error.js';
export { type SecretOptions, secretOf } from './secret.js';
export { systemClock } from './system-clock.js';
export { createUndiciHttp, type HttpAdapter } from './undici-http.js';
export { wsDial } from './ws-dial.js';
