import { CommandLineError } from '../command-line-error.js';
import type { DaemonAddress } from '../daemon-address.js';
import { type DaemonClient, openDaemonClient } from '../daemon-client.js';
import { DaemonLine } from '../daemon-line.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { type CliFace, writeLine } from '../face.js';

/**
 * `status --live`: whether the process and its timers run, and nothing about Feishu: for whoever restarts what does not.
 * @param timeoutMs For an answer.
 */
export async function tellLiveness(
  address: DaemonAddress,
  timeoutMs: number,
  isJson: boolean,
  face: CliFace,
): Promise<ExitCode> {
  let client: DaemonClient | null = null;
  try {
    client = await openDaemonClient({ ...address, needsSoundConfig: false }, face);
    const { url } = client;
    if (url === null)
      throw new CommandLineError('with port 0 only the daemon itself knows its address: name it with --url');
    const line = new DaemonLine(client, url, timeoutMs);
    const { status } = await line.ask('GET', '/livez', '/livez');
    if (status !== 200 && status !== 503) throw line.foreign(`HTTP ${status}`);
    const isAlive = status === 200;
    const told = isAlive ? 'its timers run' : 'its timers stand still';
    writeLine(face.stdout, isJson ? JSON.stringify({ url, isAlive }) : `${line.where}: ${told}`);
    return isAlive ? EXIT.ok : EXIT.failure;
  } finally {
    await client?.close();
  }
}
