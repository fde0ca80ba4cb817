import { z } from 'zod';
import { type Clock, type Http, HttpError, type NetworkError, SecretError } from '../ports/index.js';
import { type Check, type Finding, fail, inTime, ok, warn } from './check.js';
import { jsonOf, text } from './foreign.js';
import { canonical, shape } from './promql.js';
import { isOwnMachine } from './way-checks.js';
import { printable, shown, span } from './words.js';

/** A rule that should be loaded. Some names stand for several. */
export interface ExpectedRule {
  readonly name: string;
  readonly expr: string;
}

/** A Prometheus that watches over connectors, and what it should have. */
export interface Watcher {
  /** Its base URL, without a trailing slash. */
  readonly url: string;
  readonly http: Http;
  readonly clock: Clock;
  /** What it is told of who asks, as the header `Authorization` has it. Rejects with a SecretError. Default: nothing. */
  readonly authorization?: () => Promise<string>;
  /** The label `job` of the connector's scrape. */
  readonly job: string;
  readonly rules: readonly ExpectedRule[];
  /** The alert that always fires. */
  readonly watchdog: string;
  /** The apps of the daemon that was asked, of which it should have series; settles within a few seconds. Default: none. */
  readonly apps?: Promise<readonly string[]>;
}

export const PROMETHEUS_CHECKS: readonly Check<Watcher>[] = [
  { name: 'Prometheus', look: version },
  { name: 'targets', look: targets },
  { name: 'rules', look: rules },
  { name: 'Alertmanager', look: alertmanager },
  { name: 'watchdog', look: watchdog },
];

/** Ten thousand rules with their annotations. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const WRITE_THEM =
  'Write them with feishu-connector alerts --out <folder>, name them in rule_files, and let Prometheus reload.';

const buildInfo = z.object({ version: text });
const sample = z.object({ metric: z.record(z.string(), text), value: z.tuple([z.number(), z.string()]) });
const vector = z.object({ result: z.array(sample).max(100_000) });
const loadedRules = z.object({
  groups: z
    .array(
      z.object({
        rules: z
          .array(z.object({ name: z.string(), query: z.string(), health: text.optional(), lastError: text.optional() }))
          .max(100_000),
      }),
    )
    .max(100_000),
});
const managers = z.object({ activeAlertmanagers: z.array(z.object({ url: text })).max(1_000) });

type Answer<Shape> =
  | { readonly ok: true; readonly data: Shape; readonly tookMs: number }
  | { readonly ok: false; readonly finding: Finding };

async function ask<Shape>(
  { url, http, clock, authorization }: Watcher,
  route: string,
  query: Readonly<Record<string, string>>,
  shapeOf: z.ZodType<Shape>,
  limitMs: number,
): Promise<Answer<Shape>> {
  const startedAt = clock.now();
  const search = new URLSearchParams(query).toString();
  const gone = (what: string, advice: string): Answer<Shape> => ({
    ok: false,
    finding: fail(printable(what), advice, { tookMs: clock.now() - startedAt }),
  });
  try {
    const late = () => new SecretError(`not read within ${span(limitMs)}`);
    const told = authorization && (await inTime(clock, authorization(), limitMs, late));
    const { status, body } = await http({
      method: 'GET',
      url: `${url}${route}${search === '' ? '' : `?${search}`}`,
      route,
      headers: { accept: 'application/json', ...(told !== undefined && { authorization: told }) },
      timeoutMs: Math.max(1, Math.floor(limitMs - (clock.now() - startedAt))),
      maxBytes: MAX_ANSWER_BYTES,
    });
    if (status !== 200) return gone(`${route}: HTTP ${status}`, statusAdvice(status, url, told !== undefined));
    const parsed = z.object({ status: z.literal('success'), data: shapeOf }).safeParse(jsonOf(body));
    if (!parsed.success)
      return gone(`${route}: ${body.length} characters that are no answer of Prometheus`, addressAdvice(url));
    return { ok: true, data: parsed.data.data as Shape, tookMs: clock.now() - startedAt };
  } catch (error) {
    if (error instanceof SecretError)
      return gone(
        `it was not asked, for want of credentials: ${error.message}`,
        'Name a file that whoever runs this may read.',
      );
    if (!(error instanceof HttpError)) throw error;
    return gone(`${error.kind}: ${error.message}`, NETWORK_ADVICE[error.kind] ?? addressAdvice(url));
  }
}

function addressAdvice(url: string): string {
  return `Check that ${url} is the base URL of a Prometheus, with its path prefix if it has one, and reachable from here.`;
}

const CREDENTIALS = '--prometheus-user and --prometheus-password-file, or --prometheus-token-file';

/** @param isTold Whether credentials were sent along. */
function statusAdvice(status: number, url: string, isTold: boolean): string {
  if (status === 401 && !isTold) return `It asks who you are: name ${CREDENTIALS}.`;
  if (status === 401)
    return `It does not take these credentials: look into the file, or name others with ${CREDENTIALS}.`;
  if (status === 403) return 'It knows you and does not let you: these credentials must be allowed to read its API.';
  if (status >= 300 && status < 400)
    return `It sends callers elsewhere, most often to a page to sign in at: name the address behind that, or one that takes ${CREDENTIALS}.`;
  if (status >= 500)
    return 'It, or a proxy before it, cannot answer now: if that stays so, look into its log. Meanwhile no alert fires.';
  return addressAdvice(url);
}

const NETWORK_ADVICE: Partial<Record<NetworkError, string>> = {
  timeout:
    'It hangs, or packets to it get lost: look at its process and the firewall, or give it longer with --timeout.',
  refused: 'Nobody listens there: start it, or name its address. Meanwhile no alert fires.',
  dns: 'Its name does not resolve from here: check the spelling, and run this where Prometheus can be reached.',
  tls: 'If its authority is your own, name its PEM file with --prometheus-ca-file; if it expired, renew the certificate.',
  proxy: 'The proxy of the environment is on the way to it: exempt its host in NO_PROXY.',
};

async function version(watcher: Watcher, limitMs: number): Promise<Finding> {
  const answer = await ask(watcher, '/api/v1/status/buildinfo', {}, buildInfo, limitMs);
  if (!answer.ok) return answer.finding;
  const { data, tookMs } = answer;
  const told = `Prometheus ${data.version} answers at ${watcher.url} in ${span(tookMs)}`;
  if (watcher.authorization === undefined || isPrivate(watcher.url)) return ok(told, { tookMs });
  return warn(`${told}; its credentials travel in clear text`, 'Name it with https://.', { tookMs });
}

/** Whether nobody between can read along. */
function isPrivate(url: string): boolean {
  return url.startsWith('https:') || isOwnMachine(url);
}

async function targets(watcher: Watcher, limitMs: number): Promise<Finding> {
  const selector = `{job=${JSON.stringify(watcher.job)}}`;
  const startedAt = watcher.clock.now();
  const apps = (await watcher.apps) ?? [];
  const leftMs = Math.max(1, Math.floor(limitMs - (watcher.clock.now() - startedAt)));
  const query = `{__name__=~"up|scrape_duration_seconds|feishu_ws_connected",job=${JSON.stringify(watcher.job)}}`;
  const answer = await ask(watcher, '/api/v1/query', { query }, vector, leftMs);
  if (!answer.ok) return answer.finding;
  const values = (name: string) =>
    answer.data.result
      .filter(({ metric }) => metric.__name__ === name)
      .map(({ metric, value }) => ({ instance: metric.instance ?? 'without a name', value: Number(value[1]) }));
  const scraped = answer.data.result.filter(({ metric }) => metric.__name__ === 'feishu_ws_connected');
  const unscraped = unscrapedOf(
    apps,
    scraped.map(({ metric }) => metric.app ?? null),
  );
  return judgeTargets(values('up'), values('scrape_duration_seconds'), selector, unscraped);
}

/** Where relabelling took the label away nothing can be told. */
function unscrapedOf(apps: readonly string[], labels: readonly (string | null)[]): readonly string[] {
  return labels.includes(null) ? [] : apps.filter((app) => !labels.includes(app));
}

/** A value of one instance. */
interface OfInstance {
  readonly instance: string;
  readonly value: number;
}

/**
 * Pure.
 * @param unscraped Apps that a daemon runs here, and of which there is no series.
 */
export function judgeTargets(
  up: readonly OfInstance[],
  seconds: readonly OfInstance[],
  selector: string,
  unscraped: readonly string[] = [],
): Finding {
  if (up.length === 0)
    return fail(
      `no target ${selector}: it scrapes no connector`,
      'Add the scrape, or name its job with --job. The runbook is FeishuTargetAbsent.',
    );
  const down = up.filter(({ value }) => value !== 1).map(({ instance }) => instance);
  if (down.length > 0) {
    const evidence = `${down.length} of ${up.length} targets ${selector} cannot be scraped: ${shown(down)}`;
    return fail(evidence, 'Its page Status → Targets tells why. The runbook is FeishuTargetDown.');
  }
  const told = `${up.length} ${up.length === 1 ? 'target' : 'targets'} ${selector}`;
  if (unscraped.length > 0)
    return fail(
      `${told} up, and no series of ${shown(unscraped)}: the daemon that runs them here is not scraped`,
      'Add its address to the scrape: others of that job are watched, and this one is not. If it has just started, ask again after the next scrape. The runbook is FeishuTargetAbsent.',
    );
  const slowest = Math.max(0, ...seconds.map(({ value }) => value)) * 1_000;
  const instances = shown(up.map(({ instance }) => instance));
  return ok(`${told} up (${instances}), the slowest scrape took ${span(slowest)}`);
}

async function rules(watcher: Watcher, limitMs: number): Promise<Finding> {
  const answer = await ask(watcher, '/api/v1/rules', {}, loadedRules, limitMs);
  if (!answer.ok) return answer.finding;
  return judgeRules(
    watcher.rules,
    answer.data.groups.flatMap((group) => group.rules),
  );
}

/** A rule that is loaded. */
export interface LoadedRule {
  readonly name: string;
  /** In Prometheus' own spelling. */
  readonly query: string;
  readonly health?: string | undefined;
  readonly lastError?: string | undefined;
}

/** Whether what is shipped is loaded as it is. Pure. */
export function judgeRules(expected: readonly ExpectedRule[], loaded: readonly LoadedRule[]): Finding {
  const byName = new Map<string, LoadedRule[]>();
  for (const rule of loaded) byName.set(rule.name, [...(byName.get(rule.name) ?? []), rule]);
  const isHere = ({ name, expr }: ExpectedRule, form: (text: string) => string) =>
    (byName.get(name) ?? []).some(({ query }) => form(query) === form(expr));
  const names = (found: readonly ExpectedRule[]) => [...new Set(found.map(({ name }) => name))];
  const missing = names(expected.filter(({ name }) => !byName.has(name)));
  const there = expected.filter(({ name }) => byName.has(name));
  const differing = there.filter((rule) => !isHere(rule, canonical));
  const [old, tuned] = [
    names(differing.filter((rule) => !isHere(rule, shape))),
    names(differing.filter((rule) => isHere(rule, shape))),
  ];
  const ours = names(expected);
  const broken = loaded.filter(({ name, health }) => ours.includes(name) && health === 'err');
  const told = `${ours.length - missing.length} of ${ours.length} rules are loaded${tuned.length === 0 ? '' : `, with other numbers: ${shown(tuned)}`}`;
  if (missing.length > 0) return fail(`${told}; missing: ${shown(missing)}`, WRITE_THEM);
  if (broken.length > 0) {
    const [first] = broken;
    const evidence = `${told}; cannot be evaluated: ${shown(broken.map(({ name }) => name))} (${printable(first?.lastError ?? '')})`;
    return fail(evidence, 'The runbook is FeishuRuleEvaluationFailing.');
  }
  if (old.length > 0) return warn(`${told}; not the expressions of this version: ${shown(old)}`, WRITE_THEM);
  return ok(`${told}, with the expressions of this version`);
}

async function alertmanager(watcher: Watcher, limitMs: number): Promise<Finding> {
  const answer = await ask(watcher, '/api/v1/alertmanagers', {}, managers, limitMs);
  if (!answer.ok) return answer.finding;
  // A URL may hold a user and a password.
  const urls = answer.data.activeAlertmanagers.map(({ url }) =>
    URL.canParse(url) ? new URL(url).host : 'one without a URL',
  );
  if (urls.length > 0) return ok(`alerts go to ${shown(urls)}`);
  return fail(
    'it has no Alertmanager: alerts fire and reach nobody',
    'Name one in the section alerting of its configuration. The runbook is FeishuAlertsNotDelivered.',
  );
}

async function watchdog(watcher: Watcher, limitMs: number): Promise<Finding> {
  const query = `ALERTS{alertname=${JSON.stringify(watcher.watchdog)}}`;
  const answer = await ask(watcher, '/api/v1/query', { query }, vector, limitMs);
  if (!answer.ok) return answer.finding;
  const states = answer.data.result.map(({ metric }) => metric.alertstate);
  if (states.includes('firing')) return ok(`${watcher.watchdog} fires, as it always should: rules are evaluated`);
  return fail(
    `${watcher.watchdog} does not fire, which it always should${states.includes('pending') ? ' (it is pending)' : ''}`,
    'If Prometheus has just started, ask again in a minute. The runbook is FeishuWatchdog.',
  );
}
