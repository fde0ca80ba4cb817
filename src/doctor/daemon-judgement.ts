import { isAliveByEvidence, isConnectedByEvidence } from './app-judgement.js';
import { type CheckResult, type Finding, fail, ok, skip, warn } from './check.js';
import type { DaemonAnswer } from './daemon-answer.js';
import { span } from './words.js';

type Ours = Extract<DaemonAnswer, { is: 'ours' }>;

/**
 * Judges who is behind the address.
 * @param isExpected The address was named for this: nobody there is a failure then. By the configuration alone there
 *   may be no daemon yet, or the connector may run in a program of its own.
 * @param deserted A journal that was made here and that nobody has open: then a connector ran here, and it is gone. Null
 *   for none.
 */
export function judgeDaemon(answer: DaemonAnswer, isExpected: boolean, deserted: string | null = null): CheckResult {
  return { app: null, name: 'daemon', ...daemonFinding(answer, isExpected, deserted) };
}

function daemonFinding(answer: DaemonAnswer, isExpected: boolean, deserted: string | null): Finding {
  const { url } = answer;
  switch (answer.is) {
    case 'ours':
      return oursFinding(answer);
    case 'absent': {
      const evidence = `nobody listens at ${url}: no connector was found that receives events`;
      const advice = 'Start it with feishu-connector run, or name the address of the one that runs with --url.';
      if (deserted !== null && !isExpected)
        return fail(
          `${evidence}; one ran here, as the journal in ${deserted} tells, and nobody has that open now`,
          `${advice} Its log, or that of its supervisor, tells why it ended.`,
        );
      return isExpected ? fail(evidence, advice) : warn(evidence, advice);
    }
    case 'mute':
      return fail(
        `somebody listens at ${url} and does not answer (${answer.detail})`,
        'ss -ltnp tells which process it is. If it is the connector, its event loop is blocked and it can hardly serve the platform: restart it.',
      );
    case 'foreign':
      return fail(
        `what answers at ${url} is no feishu-connector (${answer.detail})`,
        'Name the right address with --url, or the port with FEISHU_LISTEN; ss -ltnp tells which process it is. A surface on loopback answers to 127.0.0.1 and localhost alone.',
      );
    case 'unreachable':
      return fail(
        `there is no way to ${url} (${answer.detail})`,
        answer.detail.includes('certificate')
          ? 'Set NODE_EXTRA_CA_CERTS to the PEM file of the authority that signed its certificate, or run this on its machine: the control socket needs none.'
          : 'Check the address given with --url, and the network.',
      );
    case 'refused':
      return fail(
        `what answers at ${url} refuses to tell (${answer.detail})`,
        // Misdirected: it is called by another name than its own, and a password would not help.
        answer.detail.startsWith('HTTP 421')
          ? 'Name it with --url by a name that it knows, or run this on its machine as its user: the control socket asks nobody.'
          : 'Set FEISHU_HTTP_USER and FEISHU_HTTP_PASSWORD_FILE as the daemon has them, or run this on its machine as its user: the control socket asks nobody.',
      );
    case 'busy':
      return fail(
        `the daemon at ${url} cannot answer now (${answer.detail})`,
        'Do what it says there; if it has too much to do, ask again in a moment.',
      );
  }
}

function oursFinding({ url, tookMs, status }: Ours): Finding {
  const { version, phase, uptimeMs, apps } = status;
  const names = apps.map(({ app }) => app).join(', ') || 'none';
  const evidence = `feishu-connector ${version} answers at ${url} in ${span(tookMs)}; ${phase}, up ${span(uptimeMs)}; apps: ${names}`;
  if (phase === 'running' && apps.length > 0) return ok(evidence, { tookMs });
  if (phase === 'running')
    return fail(evidence, 'No app runs: nothing is received. Look into its configuration and its log.', { tookMs });
  const advice =
    phase === 'starting' ? 'Ask again in a moment.' : 'It drains and ends: its supervisor starts it again.';
  return warn(evidence, advice, { tookMs });
}

/** Whether the daemon runs by the configuration that it was given last. */
export function judgeReload(answer: Ours): CheckResult {
  return { app: null, name: 'reload', ...reloadFinding(answer) };
}

function reloadFinding({ status: { configuration } }: Ours): Finding {
  if (configuration === undefined) return skip('a daemon of this version says nothing of it');
  const { loadedAt, refused } = configuration;
  const since = new Date(loadedAt).toISOString();
  if (refused === null) return ok(`in force since ${since}; no newer one was refused`);
  const evidence = `the configuration in force, since ${since}, is older than the file: refused at ${new Date(refused.at).toISOString()}: ${refused.problem}`;
  const advice =
    'Mend that and send the daemon a SIGHUP. Do not restart it before: it may not start with that file. The runbook is FeishuConfigReloadFailed.';
  return warn(evidence, advice);
}

/** Whether the probes that a supervisor and a load balancer ask say what the evidence says (F27). */
export function judgeProbes({ livez, readyz, status }: Ours): CheckResult {
  return { app: null, name: 'probes', ...probesFinding(livez, readyz, status) };
}

function probesFinding(livez: number | null, readyz: number | null, { apps, phase }: Ours['status']): Finding {
  const shown = `/livez ${livez ?? 'without an answer'}, /readyz ${readyz ?? 'without an answer'}`;
  const isAlive = apps.every((app) => 'error' in app || isAliveByEvidence(app));
  const isReady =
    phase === 'running' &&
    apps.length > 0 &&
    apps.every(
      (app) =>
        !('error' in app) && isAliveByEvidence(app) && isConnectedByEvidence(app) && app.receiving.isDeaf !== true,
    );
  const expected = { livez: isAlive ? 200 : 503, readyz: isReady ? 200 : 503 };
  if (livez === expected.livez && readyz === expected.readyz) return ok(`${shown}: as the evidence says`);
  const evidence = `${shown}; by the evidence ${expected.livez} and ${expected.readyz}`;
  const advice = 'Ask again: it may just have changed. If it stays so, please report it, with the output of --json.';
  const isRosy = (livez === 200 && !isAlive) || (readyz === 200 && !isReady);
  return isRosy ? fail(evidence, `Do not trust those probes. ${advice}`) : warn(evidence, advice);
}
