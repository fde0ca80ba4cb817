import type { Command } from 'commander';
import { redact } from '../ports/index.js';
import { seconds, surfaceUrl } from './daemon-address.js';
import type { DaemonClient } from './daemon-client.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { type CliFace, writeLine } from './face.js';
import { reportError } from './report-error.js';

interface ReconnectOptions {
  readonly config?: string;
  readonly url?: string;
  readonly app?: string;
  /** Seconds. */
  readonly timeout: number;
  readonly json?: true;
}

const DEFAULT_TIMEOUT_S = 5; // a daemon answers in milliseconds

const HELP = `
An operator's word that an attempt is worth it now: the network is back, the secret was mended. A wait becomes a second at
most; where there is none to cut, nothing happens, and the same word again and again starts no storm.

It goes over the daemon's control socket, or with its control token (FEISHU_CONTROL_TOKEN_FILE). SIGHUP says the same, and
reads the configuration again.

--json is one line with one object: apps [{app, appId, found: {state, nextAttemptAt}, isWaitCut, nextAttemptAt, says}]

Exit codes:
  0  it was told
  1  no daemon answers, or it refuses
  2  wrong command line or configuration`;

/** `feishu-connector reconnect`: has a daemon try now what it would try later. */
export function registerReconnect(program: Command, face: CliFace, end: (code: ExitCode) => void): void {
  program
    .command('reconnect')
    .description('Has the daemon try to connect now, where it waits for its next attempt.')
    .option('-c, --config <file>', 'the configuration of the daemon, as for run; the environment counts too')
    .option('--url <url>', "base URL of the daemon's HTTP surface (default: its control socket)", surfaceUrl)
    .option('--app <name>', 'this app alone, by its name or id')
    .option('--timeout <seconds>', 'for an answer', seconds, DEFAULT_TIMEOUT_S)
    .option('--json', 'one JSON line')
    .addHelpText('after', HELP)
    .action(async (options: ReconnectOptions) => end(await reconnect(options, face)));
}

async function reconnect(options: ReconnectOptions, face: CliFace): Promise<ExitCode> {
  const { app, timeout, json: isJson = false } = options;
  let client: DaemonClient | null = null;
  try {
    // Loaded only here: no other command needs it all.
    const [{ openDaemonClient }, { tellReconnect }] = await Promise.all([
      import('./daemon-client.js'),
      import('./reconnect/tell.js'),
    ]);
    client = await openDaemonClient(options, face);
    const { apps } = await tellReconnect(client, app ?? null, timeout * 1_000);
    if (isJson) writeLine(face.stdout, redact(JSON.stringify({ apps })));
    else for (const { app, says } of apps) writeLine(face.stdout, redact(`${app}: ${says}`));
    return EXIT.ok;
  } catch (error) {
    return reportError(face, error, isJson);
  } finally {
    await client?.close();
  }
}
