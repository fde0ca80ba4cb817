import type { Moment } from './clock.js';

/**
 * Takes a room's reports: plain data from one closed union, with the moment it happened. The rooms know nothing of
 * metrics, spans or logs; whoever wants to know subscribes here. A sink never throws.
 */
export type ReportSink<Report> = (report: Report, moment: Moment) => void;

/** What a Failure asks for: `retry` mends itself, `operator` needs a human; it is still retried, on the slow lane. */
export type Verdict = 'retry' | 'operator';
