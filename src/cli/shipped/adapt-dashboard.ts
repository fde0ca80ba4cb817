/** How a site's dashboards differ from the shipped ones. Whatever is left out stays. */
export interface DashboardChanges {
  /** Uid of the data source that the boards open with; without it they open with Grafana's default Prometheus. */
  readonly dataSource?: string;
  /** The job that the boards open with; without it they open with all. */
  readonly job?: string;
  /** Name of the label that tells apps apart. The variable of the boards is still called `app`. */
  readonly appLabel?: string;
  /** Where `<AlertName>.md` is. */
  readonly runbookBaseUrl?: string;
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** Keys whose text is PromQL. */
const EXPRESSIONS = ['expr', 'query', 'definition'];
/** Keys whose text has labels in double braces. */
const TEMPLATES = ['legendFormat', 'titleFormat', 'textFormat'];
/** Keys of transformations whose own keys are names of columns, which are labels. */
const COLUMNS = ['indexByName', 'renameByName', 'excludeByName', 'includeByName'];

/**
 * A dashboard as Grafana reads it, with a site's names.
 * @throws SyntaxError if the text is no JSON.
 */
export function adaptDashboard(text: string, changes: DashboardChanges): string {
  const dashboard = JSON.parse(text) as Json;
  return `${JSON.stringify(adapted(dashboard, changes), null, 2)}\n`;
}

function adapted(json: Json, changes: DashboardChanges): Json {
  if (Array.isArray(json)) return (json as readonly Json[]).map((item) => adapted(item, changes));
  if (!isObject(json)) return json;
  if (isVariable(json, 'constant', 'runbooks')) return { ...json, query: changes.runbookBaseUrl ?? json.query ?? '' };
  const entries = Object.entries(json).map(([key, value]) => [key, valueOfKey(key, value, changes)] as const);
  const whole: JsonObject = Object.fromEntries(entries);
  const { job, dataSource } = changes;
  if (job !== undefined && isVariable(json, 'query', 'job')) {
    return { ...whole, current: { selected: true, text: [job], value: [job] } };
  }
  if (dataSource !== undefined && isVariable(json, 'datasource', 'datasource')) {
    return { ...whole, current: { selected: true, text: dataSource, value: dataSource } };
  }
  return whole;
}

function valueOfKey(key: string, value: Json, changes: DashboardChanges): Json {
  const label = changes.appLabel ?? 'app';
  if (typeof value === 'string' && EXPRESSIONS.includes(key)) return renamedInExpression(value, label);
  if (typeof value === 'string' && TEMPLATES.includes(key)) return value.replaceAll('{{app}}', `{{${label}}}`);
  if (isObject(value) && COLUMNS.includes(key)) {
    return Object.fromEntries(Object.entries(value).map(([name, told]) => [name === 'app' ? label : name, told]));
  }
  return adapted(value, changes);
}

/** In PromQL a word `app` of its own is that label and nothing else: no metric, function or keyword is called so. */
function renamedInExpression(expression: string, label: string): string {
  // Quoted text comes first, so that what stands in it is passed over: values, and variables such as $app.
  return expression.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w$:.])app(?![\w:])/g, (found) =>
    found === 'app' ? label : found,
  );
}

function isObject(json: Json): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function isVariable(json: JsonObject, type: string, name: string): boolean {
  return json.type === type && json.name === name;
}
