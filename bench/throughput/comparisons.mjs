// Which variants are compared with which, in what, and where we want to be. Targets are told and never enforced: a shared
// machine has its own mind about time.

export const COMPARISONS = [
  { of: 'ours', to: 'sdk', in: 'eventsPerSecond', atLeast: 2 },
  { of: 'ours', to: 'sdk', in: 'cpuMicrosPerEvent', atMost: 0.5 },
  { of: 'ours', to: 'bare-json', in: 'cpuMicrosPerEvent', atMost: 1.4 },
  { of: 'ours', to: 'rooms', in: 'cpuMicrosPerEvent' },
  { of: 'journal-process', to: 'sdk', in: 'eventsPerSecond', atLeast: 1 },
  { of: 'journal-process', to: 'sdk', in: 'ackP99Ms', atMost: 1 },
  { of: 'journal-process', to: 'ours', in: 'cpuMicrosPerEvent' },
  { of: 'journal-power', to: 'sdk', in: 'eventsPerSecond' },
  { of: 'drop-in', to: 'sdk', in: 'eventsPerSecond', atLeast: 1 },
  { of: 'drop-in', to: 'sdk', in: 'cpuMicrosPerEvent', atMost: 1 },
  { of: 'tracing', to: 'ours', in: 'cpuMicrosPerEvent', atMost: 1.15 },
  { of: 'tracing-daemon', to: 'ours', in: 'cpuMicrosPerEvent' },
];

/** For one import, beside a program without it. */
export const START_UP_TARGETS = { ms: 100, rssMb: 20 };

/** "at least 2", or nothing. */
export function targetOf({ atLeast, atMost }) {
  if (atLeast !== undefined) return `≥ ${atLeast}`;
  return atMost === undefined ? '' : `≤ ${atMost}`;
}

/** Whether a ratio is where we want it; null where nothing is wanted. */
export function isOnTarget({ atLeast, atMost }, ratio) {
  if (atLeast !== undefined) return ratio >= atLeast;
  return atMost === undefined ? null : ratio <= atMost;
}
