import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { packageFolder } from './package-folder.js';
let known = null;
/** Reads the versions from the packages themselves, once. */
export function readBuild() {
    known ??= {
        version: ownVersion(),
        nodeSdk: sdkVersion(),
        node: process.versions.node,
    };
    return known;
}
function ownVersion() {
    try {
        return versionIn(new URL('package.json', packageFolder()));
    }
    catch {
        return 'unknown'; // bundled away from its package.json
    }
}
function sdkVersion() {
    try {
        // Resolving does not load it: the SDK alone costs 0.4 s.
        return versionIn(createRequire(import.meta.url).resolve('@larksuiteoapi/node-sdk/package.json'));
    }
    catch {
        return 'unknown'; // a bundle without it, or a version that hides its package.json
    }
}
function versionIn(file) {
    try {
        const parsed = JSON.parse(readFileSync(file, 'utf8'));
        if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string') {
            return parsed.version;
        }
    }
    catch {
        // Bundled away from its package.json: the version is for people to read, nothing depends on it.
    }
    return 'unknown';
}
