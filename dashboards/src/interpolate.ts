/** Values for the variables of a query. Those left out take the first choice of the board: everything. */
export interface VariableValues {
  readonly job?: string;
  readonly instance?: string;
  readonly app?: string;
  /** Grafana computes it from the step; a minute at a scrape interval of 15 s. */
  readonly rateInterval?: string;
}

/** The query as Grafana would send it. */
export function interpolate(expr: string, values: VariableValues = {}): string {
  const { job = '.+', instance = '.+', app = '.+', rateInterval = '1m' } = values;
  return expr
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$job', job)
    .replaceAll('$instance', instance)
    .replaceAll('$app', app);
}
