/**
 * Dated facts that an upstream may be reachable again. Each may cut a wait short; none is needed for it to end, and
 * all together are rate-bounded by `evidencePauseMs`.
 */
export const EVIDENCE = [
  'call_succeeded', // a token refresh or another call to the same domain was answered
  'operator', // somebody asked for it
] as const;

export type Evidence = (typeof EVIDENCE)[number];
