/** Our two pings: the protocol's own, paced by the platform, and the RFC 6455 ping, paced by us. Separate witnesses. */
export const HEARTBEAT_KINDS = ['protocol', 'websocket'] as const;
export type HeartbeatKind = (typeof HEARTBEAT_KINDS)[number];
