import { nearMiss } from '../ports/index.js';

/**
 * Who may ask. `anyone` that reaches the surface; `reader`: who knows user and password, or anyone where none are set;
 * `control`: who holds the control token, or comes over the control socket.
 */
export const AUDIENCES = ['anyone', 'reader', 'control'] as const;
export type Audience = (typeof AUDIENCES)[number];

/** One row of {@link ROUTES}. */
export interface Route {
  /** A segment with a colon stands for anything. */
  readonly path: string;
  readonly methods: readonly string[];
  readonly audience: Audience;
  /** What it is, in the words of docs/security.md. */
  readonly says: string;
}

const READING = ['GET', 'HEAD'];
const DOING = ['POST'];

/**
 * Everything that the surface of a daemon answers to: requests are routed, admitted and refused by this table alone. The
 * demo's has one row more.
 */
export const ROUTES: readonly Route[] = [
  { path: '/', methods: READING, audience: 'reader', says: 'the status page' },
  { path: '/metrics', methods: READING, audience: 'reader', says: 'metrics for Prometheus' },
  { path: '/livez', methods: READING, audience: 'anyone', says: 'whether the process and its timers run' },
  { path: '/readyz', methods: READING, audience: 'anyone', says: 'whether every app is connected' },
  { path: '/status', methods: READING, audience: 'reader', says: 'everything it knows of itself' },
  { path: '/status/history', methods: READING, audience: 'reader', says: 'past outages and attempts of one app' },
  { path: '/runbooks', methods: READING, audience: 'reader', says: 'the runbooks, and where to begin' },
  { path: '/runbooks/:name', methods: READING, audience: 'reader', says: 'one of them, by the name of its alert' },
  { path: '/reconnect', methods: DOING, audience: 'control', says: "an operator's word: waits are cut short" },
  {
    path: '/catch-up',
    methods: DOING,
    audience: 'control',
    says: "an operator's word: history is read for what is missing",
  },
  { path: '/dead-letters', methods: READING, audience: 'reader', says: 'what nobody handled, without its content' },
  { path: '/dead-letters/:id', methods: READING, audience: 'control', says: 'one of them, with the event' },
  { path: '/dead-letters/:id/replay', methods: DOING, audience: 'control', says: 'sends it on its way again' },
  { path: '/dead-letters/:id/drop', methods: DOING, audience: 'control', says: 'throws it away' },
];

/** The row that was registered under exactly this path and takes this method; null if the table has none. */
export function declaredRoute(routes: readonly Route[], path: string | undefined, method: string): Route | null {
  return routes.find((route) => route.path === path && route.methods.includes(method)) ?? null;
}

/** What may be asked of a path as it stands in a request; of one that does not exist, what most do. */
export function methodsAt(routes: readonly Route[], path: string): readonly string[] {
  return routes.find((route) => isAt(route.path, path))?.methods ?? READING;
}

/** What to say of a path that does not exist. */
export function adviceFor(routes: readonly Route[], path: string): string {
  const plain = routes.map((route) => route.path).filter((known) => known !== '/');
  const meant = nearMiss(path, plain);
  const known = `There are ${routes.map(wordOf).join(', ')}.`;
  return meant === null ? known : `Did you mean ${named(meant)}? ${known}`;
}

function isAt(declared: string, path: string): boolean {
  const parts = path.split('/');
  const known = declared.split('/');
  return known.length === parts.length && known.every((part, index) => part === parts[index] || part.startsWith(':'));
}

/** `POST /reconnect`: GET goes without saying. */
function wordOf({ path, methods: [method] }: Route): string {
  return method === 'GET' ? named(path) : `${method} ${named(path)}`;
}

function named(path: string): string {
  return path.replace(/:(\w+)/, '<$1>');
}
