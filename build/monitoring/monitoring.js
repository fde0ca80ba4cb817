import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveAlertOptions } from '../alerts/index.js';
import { ChildProgram, ProgramFailedError } from './child-program.js';
import { ALERTMANAGER_FILE, monitoringFiles, PROMETHEUS_FILE } from './configuration.js';
import { freePorts } from './free-ports.js';
import { findPrograms } from './program.js';
/** Both are up in a second; on a busy machine it takes a few. */
const READY_DEADLINE_MS = 30_000;
const STOP_GRACE_MS = 5_000;
/** Between finding a free port and taking it somebody else may: then all are chosen anew. */
const TRIES = 3;
/**
 * Starts both, and resolves when both are ready.
 * @throws ProgramMissingError if one is not installed; ProgramFailedError if one does not get ready. Nothing is left
 * running then.
 */
export async function startMonitoring(settings) {
    const programs = findPrograms(settings.path ?? process.env.PATH ?? '');
    for (let tried = 1;; tried++) {
        try {
            return await startOnce(settings, programs);
        }
        catch (error) {
            const isPortTaken = error instanceof ProgramFailedError && error.message.includes('address already in use');
            if (!isPortTaken || tried === TRIES)
                throw error;
        }
    }
}
async function startOnce({ connectors, receivers, alerts }, programs) {
    const addresses = (await freePorts(2)).map((port) => `127.0.0.1:${port}`);
    const [prometheus = '', alertmanager = ''] = addresses;
    const directory = await mkdtemp(join(tmpdir(), 'feishu-monitoring-'));
    const running = [];
    let stopping = null;
    const stop = () => {
        stopping ??= Promise.all(running.map((program) => program.stop(STOP_GRACE_MS))).then(() => rm(directory, { recursive: true, force: true }));
        return stopping;
    };
    const run = async (name, path, address, args) => {
        const program = await ChildProgram.start(name, path, [...args, `--web.listen-address=${address}`]);
        running.push(program);
        await program.ready(`http://${address}/-/ready`, READY_DEADLINE_MS);
    };
    try {
        const targets = { connectors, prometheus, alertmanagers: [alertmanager] };
        const files = monitoringFiles(resolveAlertOptions(alerts), targets, receivers);
        for (const [file, text] of Object.entries(files))
            await writeFile(join(directory, file), text);
        const inside = async (name) => {
            await mkdir(join(directory, name));
            return join(directory, name);
        };
        // Alertmanager first: the first alert finds it.
        await run('alertmanager', programs.alertmanager, alertmanager, [
            `--config.file=${join(directory, ALERTMANAGER_FILE)}`,
            `--storage.path=${await inside('alertmanager')}`,
            '--cluster.listen-address=', // alone: no gossip, no port for it
        ]);
        await run('prometheus', programs.prometheus, prometheus, [
            `--config.file=${join(directory, PROMETHEUS_FILE)}`,
            `--storage.tsdb.path=${await inside('prometheus')}`,
            '--rules.alert.resend-delay=5s', // a hand-over that failed is made up for within a scaled minute
        ]);
    }
    catch (error) {
        await stop();
        throw error;
    }
    return {
        prometheusUrl: `http://${prometheus}`,
        alertmanagerUrl: `http://${alertmanager}`,
        directory,
        pids: running.map(({ pid }) => pid),
        stop,
    };
}
