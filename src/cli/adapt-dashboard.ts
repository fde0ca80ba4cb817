/** What may differ between two sites that use the same boards. All else is a choice in the browser. */
export interface DashboardOptions {
  /** Uid of the data source that a board opens with. Default: Grafana's default Prometheus. */
  readonly dataSource?: string;
  /** Value of the label `job` that a board opens with. Default: all. */
  readonly job?: string;
  /** Name of the label that tells apps apart, where relabelling changed it. Default `app`. */
  readonly appLabel?: string;
  /** Where `<AlertName>.md` is, without the slash at the end. Default: this repository. */
  readonly runbookBaseUrl?: string;
}

interface Variable {
  readonly name: string;
  current?: unknown;
  query?: unknown;
}

/** Strings with PromQL or with label names in them. */
const WITH_LABELS = new Set(['expr', 'legendFormat', 'titleFormat', 'textFormat', 'definition', 'query']);

/**
 * A shipped dashboard for one site. Pure: text in, text out.
 * @param json One of `dashboards/*.json`.
 * @throws RangeError if `appLabel` is no name of a label.
 * @throws SyntaxError if `json` is no JSON, and TypeError if it is no board of ours.
 */
export function adaptDashboard(json: string, options: DashboardOptions = {}): string {
  const { dataSource, job, appLabel = 'app', runbookBaseUrl } = options;
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(appLabel) || ['job', 'instance'].includes(appLabel)) {
    throw new RangeError(`appLabel must be the name of a label of its own, got ${JSON.stringify(appLabel)}`);
  }
  const board = appLabel === 'app' ? JSON.parse(json) : relabelled(JSON.parse(json), appLabel);
  if (dataSource !== undefined) variable(board, 'datasource').current = { text: dataSource, value: dataSource };
  if (job !== undefined) variable(board, 'job').current = { selected: true, text: [job], value: [job] };
  if (runbookBaseUrl !== undefined) variable(board, 'runbooks').query = runbookBaseUrl;
  return `${JSON.stringify(board, null, 2)}\n`;
}

function variable(board: { templating?: { list?: Variable[] } }, name: string): Variable {
  const found = board.templating?.list?.find((each) => each.name === name);
  if (found === undefined) throw new TypeError(`the dashboard has no variable ${name}`);
  return found;
}

/** The same JSON with the label `app` under another name: in queries and legends, and as a column of a table. */
function relabelled(value: unknown, label: string, key = ''): unknown {
  // The variable $app keeps its name, and so does what only contains the word.
  if (typeof value === 'string') return WITH_LABELS.has(key) ? value.replace(/(?<![$\w])app(?!\w)/g, label) : value;
  if (Array.isArray(value)) return value.map((each) => relabelled(each, label));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name === 'app' ? label : name, relabelled(each, label, name)]),
  );
}
