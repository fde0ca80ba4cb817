import { type Clock, type Http, HttpError } from '../ports/index.js';
import { isConnectedByEvidence } from './app-judgement.js';
import { type Check, type Finding, fail, ok, warn } from './check.js';
import type { DaemonStatus } from './daemon-status.js';
import { parseExposition, type Series } from './exposition.js';
import { printable, span } from './words.js';

/** A daemon that answered, and the way to it. */
export interface Scraped {
  readonly url: string;
  readonly http: Http;
  readonly clock: Clock;
  readonly status: DaemonStatus;
}

export const METRICS_CHECK: Check<Scraped> = { name: 'metrics', look: metrics };

const ROUTE = '/metrics';
/** Fifty kilobytes per app or so. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Prometheus waits ten seconds by default; this is the time to see that coming. */
const SLOW_SCRAPE_MS = 2_000;
const LOG_ADVICE = "The daemon's log has the cause; the runbook is FeishuMetricsMissing.";

async function metrics({ url, http, clock, status }: Scraped, limitMs: number): Promise<Finding> {
  const startedAt = clock.now();
  try {
    const { status: code, body } = await http({
      method: 'GET',
      url: url + ROUTE,
      route: ROUTE,
      headers: { accept: 'text/plain;version=0.0.4', 'cache-control': 'no-cache' },
      timeoutMs: limitMs,
      maxBytes: MAX_ANSWER_BYTES,
    });
    const tookMs = clock.now() - startedAt;
    if (code !== 200) return fail(`GET ${ROUTE} was answered with HTTP ${code}`, LOG_ADVICE, { tookMs });
    return judgeMetrics(body, status, tookMs);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const tookMs = clock.now() - startedAt;
    return fail(`${error.kind} after ${span(tookMs)}: ${printable(error.message)}`, LOG_ADVICE, { tookMs });
  }
}

/** What a scrape brings, against what the status says. Pure. */
export function judgeMetrics(text: string, { apps }: DaemonStatus, tookMs: number): Finding {
  const read = parseExposition(text);
  if ('brokenLine' in read) {
    const evidence = `line ${read.brokenLine} of ${ROUTE} is none of a metric: Prometheus refuses the whole scrape`;
    return fail(evidence, LOG_ADVICE, { tookMs });
  }
  const connected = read.series.filter(({ name }) => name === 'feishu_ws_connected');
  const told = `${read.series.length} series in ${span(tookMs)}`;
  // What could not start has none yet.
  const missing = apps
    .filter((app) => !('error' in app) && seriesOf(connected, app.app) === undefined)
    .map(({ app }) => app);
  if (missing.length > 0)
    return fail(`${told}; feishu_ws_connected is missing for ${missing.join(', ')}`, LOG_ADVICE, { tookMs });
  const lying = apps.filter((app) => isContradicted(app, connected));
  if (lying.length > 0) {
    const names = lying.map(({ app }) => app).join(', ');
    const evidence = `${told}; feishu_ws_connected is 1 for ${names}, and the evidence says that it is deaf`;
    return fail(evidence, 'Ask again: it may just have changed. If it stays so, alerts are blind: please report it.', {
      tookMs,
    });
  }
  if (tookMs > SLOW_SCRAPE_MS)
    return warn(`${told}: slow`, 'Prometheus gives up after its scrape_timeout: 10 s by default.', { tookMs });
  return ok(`${told}; feishu_ws_connected is there for ${apps.map(({ app }) => app).join(', ') || 'no app'}`, {
    tookMs,
  });
}

function isContradicted(app: DaemonStatus['apps'][number], connected: readonly Series[]): boolean {
  if ('error' in app) return false;
  return seriesOf(connected, app.app)?.value === 1 && !isConnectedByEvidence(app);
}

function seriesOf(connected: readonly Series[], app: string): Series | undefined {
  // What `/status` says has passed `printable`; so has this, before the two are compared.
  return connected.find(({ labels }) => printable(labels.get('app') ?? '') === app);
}
