import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
/** What is told of a program that failed: enough to see why, not its life story. */
const LOG_LINES_KEPT = 30;
const READY_PAUSE_MS = 50;
const READY_REQUEST_MS = 1_000;
/** A program ended, or never got ready. The message has its last log lines. */
export class ProgramFailedError extends Error {
    name = 'ProgramFailedError';
}
/** A program of somebody else's, run as a child of this process and never longer than it. */
export class ChildProgram {
    name;
    pid;
    #child;
    #guard;
    #ended;
    #log = [];
    #hasEnded = false;
    constructor(name, child, pid) {
        this.name = name;
        this.pid = pid;
        this.#child = child;
        this.#guard = guard(pid);
        child.stderr?.setEncoding('utf8').on('data', (text) => {
            this.#log.push(...text.split('\n').filter((line) => line !== ''));
            this.#log.splice(0, this.#log.length - LOG_LINES_KEPT);
        });
        this.#ended = once(child, 'exit').then(() => {
            this.#hasEnded = true;
            // First of all, so that it never strikes whoever gets the number next.
            this.#guard.kill('SIGKILL');
        });
    }
    /** @throws ProgramFailedError if it cannot be started. */
    static async start(name, path, args) {
        // A process group of its own: Ctrl-C in the terminal is for us, and we stop our children in order.
        const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
        try {
            await once(child, 'spawn');
        }
        catch (error) {
            throw new ProgramFailedError(`${name} (${path}) cannot be started: ${String(error)}`, { cause: error });
        }
        if (child.pid === undefined)
            throw new ProgramFailedError(`${name} (${path}) has no process id`);
        return new ChildProgram(name, child, child.pid);
    }
    /** Its last log lines. */
    get log() {
        return this.#log.join('\n');
    }
    /**
     * Resolves as soon as this URL answers 200.
     * @throws ProgramFailedError if it ends before, or the deadline passes.
     */
    async ready(url, deadlineMs) {
        const deadlineAt = performance.now() + deadlineMs;
        while (!(await answers(url))) {
            if (this.#hasEnded)
                throw new ProgramFailedError(`${this.name} ended before it was ready:\n${this.log}`);
            if (performance.now() > deadlineAt)
                throw new ProgramFailedError(`${this.name} was not ready within ${deadlineMs} ms:\n${this.log}`);
            await pause(READY_PAUSE_MS);
        }
    }
    /** Asks it to end, and kills it if it has not after this time. Twice is once. */
    async stop(graceMs) {
        if (!this.#hasEnded)
            this.#child.kill('SIGTERM');
        const overdue = new AbortController();
        await Promise.race([this.#ended, pause(graceMs, undefined, { signal: overdue.signal, ref: false })]);
        overdue.abort();
        if (!this.#hasEnded)
            this.#child.kill('SIGKILL');
        await this.#ended;
    }
}
/**
 * Ends a process when this one is gone, however it went: a shell waits for the end of a pipe that only we hold open, and
 * nothing but our death closes it. A process group of its own, for the same reason as above.
 */
function guard(pid) {
    // It looks each second, and leaves once the process is gone: the number may soon be another's.
    const script = `cat >/dev/null
for signal in TERM 0 0 0 0 KILL; do kill -$signal "$1" 2>/dev/null || exit; sleep 1; done`;
    const child = spawn('/bin/sh', ['-c', script, 'guard', String(pid)], {
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
    });
    // No shell on this system: the program lacks this protection and works all the same.
    child.on('error', () => { });
    child.unref();
    return child;
}
async function answers(url) {
    try {
        const answer = await fetch(url, { signal: AbortSignal.timeout(READY_REQUEST_MS) });
        await answer.body?.cancel();
        return answer.ok;
    }
    catch {
        return false; // not listening yet: the deadline of the caller counts
    }
}
