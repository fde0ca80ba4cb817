import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What became of one file. */
export interface WrittenFile {
  /** Absolute, or as the folder was given. */
  readonly path: string;
  /** `unchanged`: it was there already, with the same content. */
  readonly outcome: 'written' | 'replaced' | 'unchanged';
}

/** Files of other content are where ours should be; nothing was written. */
export class FilesExistError extends Error {
  override readonly name = 'FilesExistError';

  constructor(paths: readonly string[]) {
    super(`there are other files already: ${paths.join(', ')}. Replace them with --force, or choose another --out`);
  }
}

/**
 * Writes files into a folder, which is made if it is missing. All or nothing, as far as what is there already decides.
 * @param files By path relative to the folder.
 * @throws FilesExistError unless `isForced`; the system's error where something cannot be written.
 */
export async function writeFolder(
  folder: string,
  files: Readonly<Record<string, string>>,
  isForced: boolean,
): Promise<readonly WrittenFile[]> {
  const planned = await Promise.all(
    Object.entries(files).map(async ([name, text]) => {
      const path = join(folder, name);
      const before = await textOf(path);
      return { path, text, outcome: before === null ? 'written' : before === text ? 'unchanged' : 'replaced' } as const;
    }),
  );
  const others = planned.filter(({ outcome }) => outcome === 'replaced').map(({ path }) => path);
  if (others.length > 0 && !isForced) throw new FilesExistError(others);
  for (const { path, text, outcome } of planned) {
    if (outcome === 'unchanged') continue;
    await mkdir(dirname(path), { recursive: true });
    // A file that came since we looked is somebody's too.
    await writeFile(path, text, { flag: isForced ? 'w' : 'wx' });
  }
  return planned.map(({ path, outcome }) => ({ path, outcome }));
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
