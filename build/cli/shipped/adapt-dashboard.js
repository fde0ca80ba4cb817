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
export function adaptDashboard(text, changes) {
    const dashboard = JSON.parse(text);
    return `${JSON.stringify(adapted(dashboard, changes), null, 2)}\n`;
}
function adapted(json, changes) {
    if (Array.isArray(json))
        return json.map((item) => adapted(item, changes));
    if (!isObject(json))
        return json;
    if (isVariable(json, 'constant', 'runbooks'))
        return { ...json, query: changes.runbookBaseUrl ?? json.query ?? '' };
    const entries = Object.entries(json).map(([key, value]) => [key, valueOfKey(key, value, changes)]);
    const whole = Object.fromEntries(entries);
    const { job, dataSource } = changes;
    if (job !== undefined && isVariable(json, 'query', 'job')) {
        return { ...whole, current: { selected: true, text: [job], value: [job] } };
    }
    if (dataSource !== undefined && isVariable(json, 'datasource', 'datasource')) {
        return { ...whole, current: { selected: true, text: dataSource, value: dataSource } };
    }
    return whole;
}
function valueOfKey(key, value, changes) {
    const label = changes.appLabel ?? 'app';
    if (typeof value === 'string' && EXPRESSIONS.includes(key))
        return renamedInExpression(value, label);
    if (typeof value === 'string' && TEMPLATES.includes(key))
        return value.replaceAll('{{app}}', `{{${label}}}`);
    if (isObject(value) && COLUMNS.includes(key)) {
        return Object.fromEntries(Object.entries(value).map(([name, told]) => [name === 'app' ? label : name, told]));
    }
    return adapted(value, changes);
}
/** In PromQL a word `app` of its own is that label and nothing else: no metric, function or keyword is called so. */
function renamedInExpression(expression, label) {
    // Quoted text comes first, so that what stands in it is passed over: values, and variables such as $app.
    return expression.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w$:.])app(?![\w:])/g, (found) => found === 'app' ? label : found);
}
function isObject(json) {
    return typeof json === 'object' && json !== null && !Array.isArray(json);
}
function isVariable(json, type, name) {
    return json.type === type && json.name === name;
}
