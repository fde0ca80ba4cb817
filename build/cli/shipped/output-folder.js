import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
/** Files of other content are where ours should be; nothing was written. */
export class FilesExistError extends Error {
    name = 'FilesExistError';
    constructor(paths) {
        super(`there are other files already: ${paths.join(', ')}. Replace them with --force, or choose another --out`);
    }
}
/**
 * Writes files into a folder, which is made if it is missing. All or nothing, as far as what is there already decides.
 * @param files By path relative to the folder.
 * @throws FilesExistError unless `isForced`; the system's error where something cannot be written.
 */
export async function writeFolder(folder, files, isForced) {
    const planned = await Promise.all(Object.entries(files).map(async ([name, text]) => {
        const path = join(folder, name);
        const before = await textOf(path);
        return { path, text, outcome: before === null ? 'written' : before === text ? 'unchanged' : 'replaced' };
    }));
    const others = planned.filter(({ outcome }) => outcome === 'replaced').map(({ path }) => path);
    if (others.length > 0 && !isForced)
        throw new FilesExistError(others);
    for (const { path, text, outcome } of planned) {
        if (outcome === 'unchanged')
            continue;
        await mkdir(dirname(path), { recursive: true });
        // A file that came since we looked is somebody's too.
        await writeFile(path, text, { flag: isForced ? 'w' : 'wx' });
    }
    return planned.map(({ path, outcome }) => ({ path, outcome }));
}
async function textOf(path) {
    try {
        return await readFile(path, 'utf8');
    }
    catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
            return null;
        throw error;
    }
}
