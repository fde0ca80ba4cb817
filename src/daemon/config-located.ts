import type { KeyPath } from './config-document.js';
import type { Environment } from './config-environment.js';
import { pathText } from './config-error.js';

/** The merged configuration, not yet checked, that knows where each value came from. */
export interface Located {
  readonly value: unknown;
  readonly source: 'file' | 'environment';
  readonly env: Environment;
  /** Whether the file lists its apps; if not, the single app's keys stand at the top. */
  readonly isList: boolean;
  /** Whether the files that it names must be usable. */
  readonly checksFiles: boolean;
  /** File and line, variable or option. */
  where(path: KeyPath): string;
  /** The variable or option that the value came under; undefined if it did not come under one. */
  nameOf(path: KeyPath): string | undefined;
  /** A path value made absolute, relative to where it was written. */
  pathOf(path: KeyPath, value: string): string;
}

/** Place and key of a problem. */
export function placeOf(path: KeyPath, located: Located): { readonly where: string; readonly path: string } {
  return { where: located.where(path), path: shown(path, located) };
}

/** The key path as it stands in the file: without `apps[0]` where the single app's keys stand at the top. */
export function shown(path: KeyPath, { isList }: Located): string {
  return pathText(visible(path, isList));
}

/** What stands at the path; undefined if nothing does. */
export function valueAt(value: unknown, path: KeyPath): unknown {
  let at = value;
  for (const part of path)
    at = isCollection(at) && Object.hasOwn(at, part) ? (at as Record<string, unknown>)[String(part)] : undefined;
  return at;
}

/** The same value without what stands at the path; itself if nothing does. */
export function without(value: unknown, path: KeyPath): unknown {
  const [part, ...below] = path;
  if (part === undefined || !isMapping(value) || !Object.hasOwn(value, part)) return value;
  const inner = value[String(part)];
  if (below.length === 0) return Object.fromEntries(Object.entries(value).filter(([key]) => key !== String(part)));
  const less = without(inner, below);
  return less === inner ? value : { ...value, [part]: less };
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return isCollection(value) && !Array.isArray(value);
}

function isCollection(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function visible(path: KeyPath, isList: boolean): KeyPath {
  return isList || path[0] !== 'apps' ? path : path.slice(2);
}
