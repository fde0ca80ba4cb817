export { checkNetworkOptions, createNetwork, type Network, type NetworkOptions } from './network.js';
export { networkErrorOf, networkMessageOf } from './network-error.js';
export { type ProxyChoice, type ProxySetting, proxyFor } from './proxy.js';
export { type SecretOptions, secretOf } from './secret.js';
export { systemClock } from './system-clock.js';
export { createTransport, type Transport, type TransportOptions } from './transport.js';
export { type Certificates, readCertificates } from './trust.js';
export { createUndiciHttp, type HttpAdapter } from './undici-http.js';
export { createWsDial, wsDial } from './ws-dial.js';
