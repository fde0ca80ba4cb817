import { readdir, readFile } from 'node:fs/promises';
import { packageFolder } from '../../observe/package-folder.js';
/**
 * Files that the package ships, by name, in alphabetical order.
 * @param folder Relative to the package, with a slash at the end.
 * @throws The system's error if the package is incomplete.
 */
export async function packageFiles(folder, suffix) {
    const directory = new URL(folder, packageFolder());
    const names = (await readdir(directory)).filter((name) => name.endsWith(suffix)).sort();
    const files = {};
    for (const name of names)
        files[name] = await readFile(new URL(name, directory), 'utf8');
    return files;
}
