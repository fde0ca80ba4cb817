/** Connections of one connector. The platform allows 50 per app; five processes with as many as this use them up. */
export const MOST_CONNECTIONS = 10;
