import { existsSync, readFileSync } from 'node:fs';
/**
 * This package's own folder, the nearest one above with its package.json. How far that is depends on how this file was
 * built; in somebody's bundle of everything there is only theirs.
 * @throws Error if there is none.
 */
export function packageFolder(from = import.meta.url) {
    let folder = new URL('./', from);
    while (!isOurs(new URL('package.json', folder))) {
        const above = new URL('../', folder);
        if (above.href === folder.href)
            throw new Error('feishu-connector does not find its own package.json');
        folder = above;
    }
    return folder;
}
function isOurs(file) {
    return existsSync(file) && /"name":\s*"feishu-connector"/.test(readFileSync(file, 'utf8'));
}
