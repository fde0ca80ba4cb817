import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf } from './root.js';

/** A snippet, and what it takes for granted: declarations that no reader needs to see. */
export interface Snippet {
  readonly place: string;
  readonly text: string;
  readonly given: string;
}

/**
 * What the compiler says of snippets, each as a module of its own that imports the package by its name: of its sources,
 * with the strictness of this repository. One line for each complaint, by the snippet's place; empty without any.
 */
export async function complaintsOf(snippets: readonly Snippet[]): Promise<readonly string[]> {
  // Below node_modules, where imports of other packages are found and no other check looks.
  const folder = mkdtempSync(pathOf('node_modules/.snippets-'));
  try {
    const places = new Map<string, Snippet>();
    for (const [index, snippet] of snippets.entries()) {
      const name = `snippet-${index}.ts`;
      places.set(name, snippet);
      writeFileSync(join(folder, name), `${moduleOf(snippet)}\n`);
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configOf([...places.keys()])));
    const said = await compiled(folder);
    return said
      .split('\n')
      .filter((line) => line !== '')
      .map((line) =>
        line.replace(/(\S*?)(snippet-\d+\.ts)\((\d+),\d+\)/, (_all, _folder, name: string, at: string) => {
          const snippet = places.get(name);
          return snippet === undefined ? name : `${snippet.place} line ${Number(at) - given(snippet).length}`;
        }),
      );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Imports first: what is given may use them. */
function moduleOf(snippet: Snippet): string {
  return [...given(snippet), snippet.text.trimEnd(), 'export {};'].join('\n');
}

function given({ given: declarations }: Snippet): readonly string[] {
  return declarations === '' ? [] : [declarations];
}

function configOf(files: readonly string[]): object {
  return {
    extends: pathOf('tsconfig.json'),
    compilerOptions: {
      // Snippets show a thing and stop.
      noUnusedLocals: false,
      noUnusedParameters: false,
      isolatedModules: false,
      typeRoots: [pathOf('node_modules/@types')],
      paths: {
        'feishu-connector': [pathOf('src/index.ts')],
        'feishu-connector/simulator': [pathOf('src/simulator/index.ts')],
      },
    },
    include: [],
    files,
  };
}

function compiled(folder: string): Promise<string> {
  const compiler = pathOf('node_modules/typescript/lib/tsc.js');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [compiler, '--pretty', 'false', '-p', folder],
      { cwd: folder },
      (error, stdout, stderr) => {
        // The compiler ends with another code when it complains; without a word it is something else.
        if (error !== null && stdout === '') reject(new Error(stderr || error.message));
        else resolve(stdout);
      },
    );
  });
}
