/** Reads `host:port` or `[v6 address]:port`; null for anything else. */
export function parseListenAddress(text) {
    const match = /^(?:\[([0-9a-f:.%]+)\]|([a-z0-9._-]+)):(\d{1,5})$/i.exec(text);
    const host = match?.[1] ?? match?.[2];
    const port = Number(match?.[3]);
    return host === undefined || port > 65_535 ? null : { host, port };
}
/** The address as one writes it, and as a URL has it. */
export function formatListenAddress({ host, port }) {
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
/** Whether only this machine can reach it. A name that merely begins like such an address, 127.example.com, is not one. */
export function isLoopback(host) {
    return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
