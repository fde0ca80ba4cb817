import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
/** The programs that are started here, what they are called on disk, and where they come from. */
const PROGRAMS = {
    prometheus: { names: ['prometheus'], debianPackage: 'prometheus' },
    // Debian prefixes it; the project's own archive does not.
    alertmanager: { names: ['prometheus-alertmanager', 'alertmanager'], debianPackage: 'prometheus-alertmanager' },
};
/** A program that is needed is not installed; the message names it and says how to get it. */
export class ProgramMissingError extends Error {
    name = 'ProgramMissingError';
}
/**
 * The path of each program.
 * @param path Folders to look in, as in the variable `PATH`.
 * @throws ProgramMissingError naming all that are missing.
 */
export function findPrograms(path) {
    const folders = path.split(delimiter).filter((folder) => folder !== '');
    const found = Object.keys(PROGRAMS).map((name) => [name, findIn(folders, name)]);
    const missing = found.filter(([, where]) => where === null).map(([name]) => name);
    if (missing.length > 0)
        throw new ProgramMissingError(adviceFor(missing));
    return Object.fromEntries(found);
}
function findIn(folders, name) {
    const candidates = folders.flatMap((folder) => PROGRAMS[name].names.map((program) => join(folder, program)));
    return candidates.find(isExecutable) ?? null;
}
function adviceFor(missing) {
    const packages = missing.map((name) => PROGRAMS[name].debianPackage).join(' ');
    return [
        `${missing.join(' and ')} not found in the PATH.`,
        `Debian, Ubuntu: apt-get install ${packages}; elsewhere: https://prometheus.io/download (2.42 or newer).`,
    ].join('\n');
}
function isExecutable(path) {
    try {
        accessSync(path, constants.X_OK);
        return true;
    }
    catch {
        return false; // not there, or not ours to run: look further
    }
}
