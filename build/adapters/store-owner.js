import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
/** Pure. False deaths would let two processes write one journal, so what is not certain is `unknown`. */
export function judgeOwner(owner, self, { probe, isPidAlive }) {
    if (probe === 'answered')
        return 'living';
    // Another kernel: neither its sockets nor its process ids say anything here.
    if (owner.bootId !== self.bootId || (owner.bootId === null && owner.host !== self.host))
        return 'unknown';
    if (owner.socket !== null && probe === 'refused')
        return 'dead';
    // Somebody may have removed the socket of a living owner, or it never had one.
    if (owner.pidNamespace === self.pidNamespace)
        return isPidAlive ? 'living' : 'dead';
    return 'unknown';
}
/** What one says of oneself. */
export function selfAsOwner() {
    const id = randomUUID();
    return {
        id,
        pid: process.pid,
        host: hostname(),
        startedTicks: startedTicks(process.pid),
        pidNamespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
        bootId: readBootId(),
        // Short, since the whole path of a socket has but 107 bytes.
        socket: process.platform === 'win32' ? null : `owner-${id.slice(0, 8)}.sock`,
    };
}
export function readBootId() {
    return orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
}
export async function gatherEvidence(directory, owner) {
    const probe = owner.socket === null ? 'absent' : (await probeSocket(directory, owner.socket)).probe;
    return { probe, isPidAlive: isPidAlive(owner) };
}
/** `pid 7 on host a`, for messages. */
export function ownerName({ pid, host }) {
    return `pid ${pid} on host ${host}`;
}
export function parseOwner(text) {
    const value = orNull(() => JSON.parse(text));
    const isOwner = typeof value?.id === 'string' && typeof value.pid === 'number' && typeof value.host === 'string';
    if (!isOwner)
        return null;
    const { id, pid, host, startedTicks = null, pidNamespace = null, bootId = null, socket = null } = value;
    return { id, pid, host, startedTicks, pidNamespace, bootId, socket };
}
/**
 * Listens, and tells whoever connects who we are.
 * @returns null where the file system or the platform has no sockets.
 */
export async function listenAsOwner(directory, owner) {
    if (owner.socket === null)
        return null;
    const address = socketAddress(directory, owner.socket);
    if (address === null)
        return null;
    const server = createServer((peer) => {
        peer.on('error', () => peer.destroy());
        peer.end(JSON.stringify(owner));
    });
    // It tells of life and gives none: a process that forgets to close its store still ends.
    server.unref();
    const path = join(directory, owner.socket);
    try {
        await new Promise((resolve, reject) => {
            server.once('error', reject);
            server.listen(address.path, resolve);
        });
    }
    catch {
        return null;
    }
    finally {
        address.release();
    }
    return { close: () => stopListening(server, path) };
}
/** Connects, and reads the name of who answers if it tells it within a second: one that hangs answers without. */
export async function probeSocket(directory, socket) {
    const address = socketAddress(directory, socket);
    if (address === null)
        return { probe: 'absent', owner: null };
    const peer = connect(address.path);
    try {
        const probe = await new Promise((resolve) => {
            peer.once('connect', () => resolve('answered'));
            peer.once('error', (error) => {
                // EAGAIN: its backlog is full, so somebody does listen.
                if (error.code === 'EAGAIN')
                    resolve('answered');
                else
                    resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'absent');
            });
        });
        if (probe !== 'answered')
            return { probe, owner: null };
        const text = await Promise.race([textOf(peer), delay(1000, '', { ref: false })]);
        return { probe, owner: parseOwner(text) };
    }
    finally {
        peer.destroy();
        address.release();
    }
}
async function textOf(peer) {
    let text = '';
    try {
        for await (const chunk of peer)
            text += String(chunk);
    }
    catch {
        // It went away while it spoke; what it said is all there is.
    }
    return text;
}
/** A path short enough for a socket. Linux reaches a directory of any length through a descriptor of it. */
function socketAddress(directory, socket) {
    const path = join(directory, socket);
    if (Buffer.byteLength(path) <= 100)
        return { path, release: () => { } };
    if (process.platform !== 'linux')
        return null;
    const descriptor = orNull(() => openSync(directory, 'r'));
    if (descriptor === null)
        return null;
    return { path: `/proc/self/fd/${descriptor}/${socket}`, release: () => closeSync(descriptor) };
}
async function stopListening(server, path) {
    await new Promise((resolve) => server.close(() => resolve()));
    rmSync(path, { force: true });
}
/** Of this process it is known which of its owners live. */
const OWN = new Set();
export function rememberOwn(owner) {
    OWN.add(owner.id);
    return owner;
}
export function forgetOwn(owner) {
    OWN.delete(owner.id);
}
function isPidAlive(owner) {
    if (owner.pid === process.pid)
        return OWN.has(owner.id);
    try {
        process.kill(owner.pid, 0);
    }
    catch (error) {
        // EPERM: it is there, and somebody else's.
        if (error.code !== 'EPERM')
            return false;
    }
    const ticks = startedTicks(owner.pid);
    return owner.startedTicks === null || ticks === null || ticks === owner.startedTicks;
}
/** Field 22 of `/proc/<pid>/stat`, counted from behind the name, which may contain anything (proc(5)). */
function startedTicks(pid) {
    const stat = orNull(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}
function orNull(read) {
    try {
        return read();
    }
    catch {
        return null;
    }
}
