import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { packageFolder } from './package-folder.js';

/** What runs: the labels of `feishu_connector_build_info`, and the version of the tracer. */
export interface Build {
  /** This package's version. */
  readonly version: string;
  /** Version of `@larksuiteoapi/node-sdk`; `unknown` if it cannot be found. */
  readonly nodeSdk: string;
  /** Version of Node.js, without the `v`. */
  readonly node: string;
}

let known: Build | null = null;

/** Reads the versions from the packages themselves, once. */
export function readBuild(): Build {
  known ??= {
    version: ownVersion(),
    nodeSdk: sdkVersion(),
    node: process.versions.node,
  };
  return known;
}

function ownVersion(): string {
  try {
    return versionIn(new URL('package.json', packageFolder()));
  } catch {
    return 'unknown'; // bundled away from its package.json
  }
}

function sdkVersion(): string {
  try {
    // Resolving does not load it: the SDK alone costs 0.4 s.
    return versionIn(createRequire(import.meta.url).resolve('@larksuiteoapi/node-sdk/package.json'));
  } catch {
    return 'unknown'; // a bundle without it, or a version that hides its package.json
  }
}

function versionIn(file: URL | string): string {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string') {
      return parsed.version;
    }
  } catch {
    // Bundled away from its package.json: the version is for people to read, nothing depends on it.
  }
  return 'unknown';
}
