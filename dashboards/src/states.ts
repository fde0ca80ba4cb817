import { VIEW_VERDICTS, type ViewVerdict } from '../../src/catchup/index.js';
import { STATES, type State } from '../../src/connection/index.js';
import type { States } from './kinds.js';
import { COLORS } from './panel.js';
import { gauge } from './query.js';

/** Whether an app is served: the recorded truth of all its instances. */
export const SERVED: States = {
  0: { text: 'DEAF', color: COLORS.critical },
  1: { text: 'served', color: COLORS.good },
};

export const ENABLED: States = {
  0: { text: 'paused', color: COLORS.unknown },
  1: { text: 'enabled', color: COLORS.neutral },
};

export const CONNECTED: States = {
  0: { text: 'not connected', color: COLORS.critical },
  1: { text: 'connected', color: COLORS.good },
};

export const UP: States = {
  0: { text: 'down', color: COLORS.critical },
  1: { text: 'up', color: COLORS.good },
};

/** Whether the files of the TLS certificate can be used. */
export const USABLE: States = {
  0: { text: 'unusable', color: COLORS.warning },
  1: { text: 'usable', color: COLORS.good },
};

/** Whether the latest configuration that a daemon was given is in force. */
export const RELOADED: States = {
  0: { text: 'refused', color: COLORS.warning },
  1: { text: 'in force', color: COLORS.good },
};

/** Whether events get through to a sink; no sample while nobody knows. */
export const SINK_UP: States = {
  0: { text: 'down', color: COLORS.critical },
  1: { text: 'takes events', color: COLORS.good },
};

export const ALERTING: States = {
  1: { text: 'pending', color: 'yellow' },
  2: { text: 'firing', color: COLORS.critical },
};

export const WATCHDOG: States = {
  0: { text: 'SILENT', color: COLORS.critical },
  1: { text: 'present', color: COLORS.good },
};

const STATE_COLORS: Readonly<Record<State, string>> = {
  idle: COLORS.unknown,
  discovering: 'light-blue',
  dialing: 'blue',
  proving: 'dark-blue',
  connected: COLORS.good,
  suspect: COLORS.warning,
  waiting: COLORS.critical,
  stopped: 'dark-red',
};

/** The states of a connection, numbered in their order. */
export const CONNECTION_STATES: States = Object.fromEntries(
  STATES.map((state, number) => [number, { text: state, color: STATE_COLORS[state] }]),
);

/** The same, keyed by the label. */
export const CONNECTION_STATES_BY_NAME: States = Object.fromEntries(
  STATES.map((state) => [state, { text: state, color: STATE_COLORS[state] }]),
);

/** The number of the state that each connection is in: one row a connection, not one a state. */
export function connectionState(): string {
  return numbered(STATES.map((state) => gauge('feishu_ws_state', `state="${state}"`)));
}

const VERDICT_COLORS: Readonly<Record<ViewVerdict, string>> = {
  agrees: COLORS.good,
  zombie: COLORS.critical,
  ghost: 'light-blue',
  foreign_consumer: COLORS.warning,
  unknown: COLORS.unknown,
};

/** What the platform's count says of our connections, numbered in the order of the verdicts. */
export const SERVER_VIEW: States = Object.fromEntries(
  VIEW_VERDICTS.map((verdict, number) => [number, { text: verdict.replace('_', ' '), color: VERDICT_COLORS[verdict] }]),
);

/** The number of the verdict of each connection. */
export function serverView(): string {
  return numbered(VIEW_VERDICTS.map((verdict) => gauge('feishu_ws_server_view', `verdict="${verdict}"`)));
}

/** A state set as one number: a row for each connection, not one for each state. */
function numbered(states: readonly string[]): string {
  return `max by (job, instance, app) (${states.map((state, number) => `${number} * ${state}`).join(' or ')})`;
}
