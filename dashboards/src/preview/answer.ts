import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { interpolate, type VariableValues } from '../interpolate.js';

/** A value as Prometheus writes it: seconds since 1970, and a number as text, which may be `NaN` or `+Inf`. */
export type Sample = readonly [seconds: number, value: string];

/** A series of an answer: `values` from `/api/v1/query_range`, `value` from `/api/v1/query`. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly Sample[];
  readonly value?: Sample;
}

/** The field `data` of Prometheus' answer. */
export interface Answer {
  readonly resultType: 'matrix' | 'vector';
  readonly result: readonly Series[];
}

/** The stretch of time a preview shows, in seconds since 1970. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
  /** The distance between two samples, unless a panel asks for a longer one. */
  readonly stepSeconds: number;
}

/** One question to Prometheus. */
export interface Question {
  /** With its variables replaced. */
  readonly expr: string;
  /** Asked for the end of the range only. */
  readonly isInstant: boolean;
  readonly stepSeconds: number;
}

/** What a target of a panel says, as far as a preview reads it. */
export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
}

export function targetsOf(panel: Panel): readonly Target[] {
  return (panel.targets ?? []) as unknown as Target[];
}

export function isRow(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === 'row';
}

/** The question behind a target: with its panel's own interval, if that is longer than the step. */
export function questionOf(
  panel: Panel,
  target: Target,
  { stepSeconds }: TimeRange,
  variables: VariableValues,
): Question {
  const step = Math.max(stepSeconds, intervalSeconds(panel.interval));
  return {
    expr: interpolate(target.expr, rateIntervalOf(step, variables)),
    isInstant: target.instant === true,
    stepSeconds: step,
  };
}

const SCRAPE_SECONDS = 15;

/** Grafana's rule: a step and a scrape, at least four scrapes. */
function rateIntervalOf(stepSeconds: number, variables: VariableValues): VariableValues {
  return { rateInterval: `${Math.max(stepSeconds + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS)}s`, ...variables };
}

function intervalSeconds(interval = '0s'): number {
  const [, count = '0', unit = 's'] = /^(\d+)([smh])$/.exec(interval) ?? [];
  return Number(count) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
}

export interface AnnotationQuestion {
  readonly question: Question;
  readonly color: string;
  /** Whether its values are the moments to mark, in milliseconds. */
  readonly marksValues: boolean;
}

/** What is asked for the annotations of a board. */
export function annotationsOf(
  dashboard: Dashboard,
  { stepSeconds }: TimeRange,
  variables: VariableValues,
): readonly AnnotationQuestion[] {
  return (dashboard.annotations.list ?? []).map(({ iconColor, expr = '', useValueForTime }) => ({
    question: { expr: interpolate(expr, rateIntervalOf(stepSeconds, variables)), isInstant: false, stepSeconds },
    color: iconColor,
    marksValues: useValueForTime === true,
  }));
}

/** Everything that a preview of the board will ask, each question once: to be answered before it is drawn. */
export function questionsOf(dashboard: Dashboard, range: TimeRange, variables: VariableValues = {}): Question[] {
  const panels = (dashboard.panels ?? []).filter((panel): panel is Panel => !isRow(panel));
  const questions = [
    ...panels.flatMap((panel) => targetsOf(panel).map((target) => questionOf(panel, target, range, variables))),
    ...annotationsOf(dashboard, range, variables).map(({ question }) => question),
  ];
  return [...new Map(questions.map((question) => [JSON.stringify(question), question])).values()];
}

/** Where Prometheus answers a question: path and query, to be resolved against its root. */
export function pathOf({ expr, isInstant, stepSeconds }: Question, { start, end }: TimeRange): string {
  // Grafana starts at a whole step, so that two refreshes show the same samples.
  const first = Math.floor(start / stepSeconds) * stepSeconds;
  const query = isInstant
    ? new URLSearchParams({ query: expr, time: String(end) })
    : new URLSearchParams({ query: expr, start: String(first), end: String(end), step: String(stepSeconds) });
  return `/api/v1/${isInstant ? 'query' : 'query_range'}?${query}`;
}
