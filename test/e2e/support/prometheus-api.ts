/** What the tests ask Prometheus and Alertmanager over HTTP. */

const REQUEST_MS = 10_000;

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface RuleHealth {
  readonly group: string;
  readonly name: string;
  readonly health: string;
  readonly lastError: string;
}

/** An instant query, now. @throws Error with Prometheus' own words if it refuses the query. */
export async function query(prometheusUrl: string, expr: string): Promise<Sample[]> {
  const { result } = await ask<{ readonly result: readonly VectorItem[] }>(prometheusUrl, 'query', { query: expr });
  return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
}

/** How many series a range query over the last seconds has. */
export async function seriesCount(prometheusUrl: string, expr: string, lastSeconds: number): Promise<number> {
  const end = Date.now() / 1_000;
  const range = { query: expr, start: String(end - lastSeconds), end: String(end), step: '1' };
  return (await ask<{ readonly result: readonly unknown[] }>(prometheusUrl, 'query_range', range)).result.length;
}

/** Every rule that is loaded, and how its latest evaluation went. */
export async function ruleHealths(prometheusUrl: string): Promise<RuleHealth[]> {
  const { groups } = await ask<{
    readonly groups: readonly { readonly name: string; readonly rules: readonly Omit<RuleHealth, 'group'>[] }[];
  }>(prometheusUrl, 'rules', {});
  return groups.flatMap(({ name: group, rules }) =>
    rules.map(({ name, health, lastError }) => ({ group, name, health, lastError })),
  );
}

/** What silences an alert now: the fingerprints of others that are on; empty if nothing does, or it is off. */
export async function mutedBy(
  alertmanagerUrl: string,
  labels: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const parameters = new URLSearchParams(
    Object.entries(labels).map(([name, value]): [string, string] => ['filter', `${name}=${JSON.stringify(value)}`]),
  );
  const answer = await fetch(`${alertmanagerUrl}/api/v2/alerts?${parameters}`, {
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  const alerts = (await answer.json()) as readonly { readonly status: { readonly inhibitedBy: readonly string[] } }[];
  return alerts.flatMap(({ status }) => status.inhibitedBy);
}

interface VectorItem {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

async function ask<Answer>(prometheusUrl: string, what: string, parameters: Record<string, string>): Promise<Answer> {
  const url = `${prometheusUrl}/api/v1/${what}?${new URLSearchParams(parameters)}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(REQUEST_MS) });
  const body = (await answer.json()) as { readonly status: string; readonly error?: string; readonly data: Answer };
  if (body.status !== 'success') throw new Error(`${parameters.query ?? what}: ${body.error}`);
  return body.data;
}
