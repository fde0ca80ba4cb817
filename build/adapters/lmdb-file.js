import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isSealIntact } from './store-seal.js';
/** What is wrong with a file, in words for an operator. */
export class DamagedFile extends Error {
    name = 'DamagedFile';
}
const MAGIC = 0xbeef_c0de;
const DATA_VERSION = 2;
const PAGE_HEADER_BYTES = 24;
const META_BYTES = 144;
const TABLE_RECORD_BYTES = 48;
const OVERFLOW_RECORD_BYTES = 24;
const NODE_HEADER_BYTES = 8;
/** Page flags. */
const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
const META = 0x08;
const KIND = 0x7f & ~0x10;
/** Node flags. */
const BIG_VALUE = 0x01;
const SUB_TABLE = 0x02;
const DUPLICATES = 0x04;
/** Flag of a meta whose transaction was not flushed when it was written. */
const UNFLUSHED = 0x1000;
const NO_ROOT = 0xffffffffffffffffn;
/** A B+tree of 2^48 pages is less deep. */
const MAX_DEPTH = 32;
/** Pages between two turns of the event loop. */
const PAGES_PER_TURN = 512;
const SEALED_TABLE = /^table:/;
/**
 * Walks the file.
 * @param bootId What {@link bootNumberOf} says of this machine.
 * @throws DamagedFile, or the error of the file system.
 */
export async function inspectLmdbFile(path, bootId) {
    const file = openSync(path, 'r');
    try {
        const fileBytes = fstatSync(file).size;
        const { meta, isRollbackDue } = chooseMeta(file, fileBytes, bootId);
        return { ...(await new Walk(file, fileBytes, meta).run()), isRollbackDue };
    }
    finally {
        closeSync(file);
    }
}
/** The number under which LMDB knows the boot: the hexadecimal digits before the first dash; 0 where there is none. */
export function bootNumberOf(bootId) {
    const digits = /^[0-9a-f]+/i.exec(bootId ?? '')?.[0];
    return digits === undefined ? 0n : BigInt(`0x${digits}`);
}
/** As `mdb_pick_meta` does for an environment opened with `overlappingSync`. */
function chooseMeta(file, fileBytes, bootId) {
    const first = readMeta(file, 0, fileBytes);
    const second = readMeta(file, first.pageBytes, fileBytes);
    if (second.pageBytes !== first.pageBytes)
        throw new DamagedFile('its two meta pages do not agree');
    const flushed = metaOf(bytesAt(file, first.pageBytes / 2, PAGE_HEADER_BYTES + META_BYTES));
    const latest = first.transaction >= second.transaction ? first : second;
    const isTrusted = (latest.flags & UNFLUSHED) === 0 || (bootId !== 0n && latest.bootId === bootId);
    const isRollbackDue = !isTrusted && flushed.transaction > 0n && flushed.transaction !== latest.transaction;
    return { meta: isRollbackDue ? { ...flushed, pageBytes: first.pageBytes } : latest, isRollbackDue };
}
function readMeta(file, at, fileBytes) {
    if (fileBytes < at + PAGE_HEADER_BYTES + META_BYTES) {
        throw new DamagedFile(`it has only ${fileBytes} bytes, not even its meta pages`);
    }
    const page = bytesAt(file, at, PAGE_HEADER_BYTES + META_BYTES);
    if ((page.readUInt16LE(18) & META) === 0 || page.readUInt32LE(PAGE_HEADER_BYTES) !== MAGIC) {
        throw new DamagedFile('it does not begin as an LMDB file does');
    }
    const version = page.readUInt32LE(PAGE_HEADER_BYTES + 4) & 0xffff;
    if (version !== DATA_VERSION)
        throw new DamagedFile(`it has LMDB's data version ${version}, not ${DATA_VERSION}`);
    const meta = metaOf(page);
    const isPageSize = meta.pageBytes >= 512 && meta.pageBytes <= 65_536 && Number.isInteger(Math.log2(meta.pageBytes));
    if (!isPageSize)
        throw new DamagedFile(`its pages cannot be of ${meta.pageBytes} bytes`);
    return meta;
}
function metaOf(page) {
    const body = page.subarray(PAGE_HEADER_BYTES);
    return {
        pageBytes: body.readUInt32LE(24),
        flags: body.readUInt16LE(28),
        free: treeOf(body.subarray(24)),
        main: treeOf(body.subarray(24 + TABLE_RECORD_BYTES)),
        lastPage: numberAt(body, 120),
        transaction: body.readBigUInt64LE(128),
        bootId: body.readBigUInt64LE(136),
    };
}
function treeOf(record) {
    return {
        depth: record.readUInt16LE(6),
        pages: numberAt(record, 8) + numberAt(record, 16) + numberAt(record, 24),
        entries: numberAt(record, 32),
        root: record.readBigUInt64LE(40),
    };
}
class Walk {
    #file;
    #pageBytes;
    #pageCount;
    /** One bit per page, so that no page is in use twice. */
    #used;
    #tables = new Map();
    #meta;
    #pagesRead = 0;
    constructor(file, fileBytes, meta) {
        this.#file = file;
        this.#meta = meta;
        this.#pageBytes = meta.pageBytes;
        // A page in use lies within the file, whatever the meta page says of its length.
        this.#pageCount = Math.min(meta.lastPage + 1, Math.floor(fileBytes / meta.pageBytes));
        this.#used = new Uint8Array(Math.ceil(this.#pageCount / 8));
    }
    async run() {
        await this.#walk('the list of free pages', this.#meta.free, false, false);
        await this.#walk('the list of tables', this.#meta.main, true, false);
        for (const [name, tree] of this.#tables)
            await this.#walk(name, tree, true, SEALED_TABLE.test(name));
        const trees = [this.#meta.free, this.#meta.main, ...this.#tables.values()];
        return {
            tables: new Map([...this.#tables].map(([name, { entries }]) => [name, entries])),
            strayEntries: this.#meta.main.entries - this.#tables.size,
            usedBytes: trees.reduce((sum, { pages }) => sum + pages * this.#pageBytes, 2 * this.#pageBytes),
        };
    }
    async #walk(name, tree, isBytewise, isSealed) {
        const trail = { name, isSealed, isBytewise, pages: 0, entries: 0, lastKey: null };
        if (tree.root !== NO_ROOT) {
            if (tree.depth < 1 || tree.depth > MAX_DEPTH)
                throw this.#damage(trail, `is ${tree.depth} levels deep`);
            await this.#descend(trail, pageNumber(tree.root), tree.depth);
        }
        if (trail.entries !== tree.entries) {
            throw this.#damage(trail, `should have ${tree.entries} entries and has ${trail.entries}`);
        }
        if (trail.pages !== tree.pages)
            throw this.#damage(trail, `should have ${tree.pages} pages and has ${trail.pages}`);
    }
    async #descend(trail, number, depth) {
        const page = this.#read(trail, number, depth === 1 ? LEAF : BRANCH);
        if (++this.#pagesRead % PAGES_PER_TURN === 0)
            await new Promise((resolve) => setImmediate(resolve));
        const nodes = page.readUInt16LE(20) >> 1;
        for (let n = 0; n < nodes; n++) {
            const at = PAGE_HEADER_BYTES + page.readUInt16LE(PAGE_HEADER_BYTES + 2 * n);
            if (at + NODE_HEADER_BYTES > page.length)
                throw this.#damage(trail, `has a broken page, number ${number}`);
            if (depth === 1)
                this.#readEntry(trail, page, at, number);
            else {
                const child = page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 2 ** 16 + page.readUInt16LE(at + 4) * 2 ** 32;
                await this.#descend(trail, child, depth - 1);
            }
        }
    }
    #readEntry(trail, page, at, number) {
        const bytes = page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 2 ** 16;
        const flags = page.readUInt16LE(at + 4);
        const keyFrom = at + NODE_HEADER_BYTES;
        const valueFrom = keyFrom + page.readUInt16LE(at + 6);
        const isBig = (flags & BIG_VALUE) !== 0;
        const valueEnd = valueFrom + (isBig ? OVERFLOW_RECORD_BYTES : bytes);
        if (valueEnd > page.length || (flags & DUPLICATES) !== 0) {
            throw this.#damage(trail, `has a broken entry on page ${number}`);
        }
        const key = page.subarray(keyFrom, valueFrom);
        if (trail.isBytewise && trail.lastKey !== null && Buffer.compare(trail.lastKey, key) >= 0) {
            throw this.#damage(trail, `is out of order on page ${number}`);
        }
        trail.lastKey = key;
        trail.entries += 1;
        const inPlace = page.subarray(valueFrom, valueEnd);
        const value = isBig ? this.#readBig(trail, inPlace, bytes) : inPlace;
        if ((flags & SUB_TABLE) !== 0) {
            if (value.length !== TABLE_RECORD_BYTES)
                throw this.#damage(trail, `has a broken table on page ${number}`);
            // The name may end with a zero byte, depending on how the table was opened.
            this.#tables.set(key.toString('utf8').replace(/\0+$/, ''), treeOf(value));
        }
        else if (trail.isSealed && !isSealIntact(key, value)) {
            throw this.#damage(trail, `has a value on page ${number} that does not match its checksum`);
        }
    }
    /** A value too big for its leaf, on pages of its own. */
    #readBig(trail, record, bytes) {
        const number = pageNumber(record.readBigUInt64LE(0));
        const pages = numberAt(record, 16);
        if (pages < 1 || PAGE_HEADER_BYTES + bytes > pages * this.#pageBytes || number + pages > this.#pageCount) {
            throw this.#damage(trail, `has a value beyond the end of the file, on page ${number}`);
        }
        const first = this.#read(trail, number, OVERFLOW);
        if (first.readUInt32LE(20) !== pages)
            throw this.#damage(trail, `has a broken page, number ${number}`);
        for (let n = 1; n < pages; n++)
            this.#use(trail, number + n);
        return bytesAt(this.#file, number * this.#pageBytes + PAGE_HEADER_BYTES, bytes);
    }
    #read(trail, number, kind) {
        this.#use(trail, number);
        const page = bytesAt(this.#file, number * this.#pageBytes, this.#pageBytes);
        const isIts = numberAt(page, 0) === number && (page.readUInt16LE(18) & KIND) === kind;
        const roomBytes = this.#pageBytes - PAGE_HEADER_BYTES;
        const [lower, upper] = [page.readUInt16LE(20), page.readUInt16LE(22)];
        const isFilled = kind === OVERFLOW || (lower <= upper && upper <= roomBytes && lower >= 2);
        if (!isIts || !isFilled)
            throw this.#damage(trail, `has a broken page, number ${number}`);
        return page;
    }
    #use(trail, number) {
        if (number < 2 || number >= this.#pageCount) {
            throw this.#damage(trail, `needs page ${number}, and the file ends after ${this.#pageCount} pages`);
        }
        const [byte, bit] = [number >> 3, 1 << (number & 7)];
        if (((this.#used[byte] ?? 0) & bit) !== 0)
            throw this.#damage(trail, `shares page ${number} with another`);
        this.#used[byte] = (this.#used[byte] ?? 0) | bit;
        trail.pages += 1;
    }
    #damage(trail, what) {
        return new DamagedFile(`${trail.name} ${what}`);
    }
}
function bytesAt(file, at, bytes) {
    const buffer = Buffer.allocUnsafe(bytes);
    let read = 0;
    while (read < bytes) {
        const more = readSync(file, buffer, read, bytes - read, at + read);
        if (more === 0)
            throw new DamagedFile('it was cut short');
        read += more;
    }
    return buffer;
}
function numberAt(bytes, at) {
    return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}
/** A page number beyond what a number holds is beyond the end of any file, too. */
function pageNumber(number) {
    return number > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(number);
}
