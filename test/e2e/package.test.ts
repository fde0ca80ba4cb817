import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Report {
  readonly isGood: boolean;
  readonly problems: readonly string[];
  readonly installed: { readonly mib: number; readonly packages: number };
  readonly nodes: readonly { readonly version: string; readonly engineWarnings: readonly string[] }[];
  readonly bare: { readonly mib: number; readonly said: Readonly<Record<string, string>> };
}

/** The command as it is, on all versions of Node.js side by side: most of its time is that of the demo, which waits. */
function packageCheck(): Promise<Report> {
  const script = fileURLToPath(new URL('../../scripts/package-check.mjs', import.meta.url));
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [script, '--json'], { maxBuffer: 64 * 1_048_576 }, (_error, stdout, stderr) => {
      // A failure is in the report, if there is one.
      if (stdout === '') reject(new Error(`the check did not come to its end:\n${stderr}`));
      else resolve(JSON.parse(stdout) as Report);
    });
  });
}

// The versions of Node.js may have to be fetched first.
test('the package that npm packs works in an empty project, on every version of Node.js that it promises', {
  timeout: 400_000,
}, async () => {
  const { isGood, problems, installed, nodes, bare } = await packageCheck();
  expect([isGood, problems]).toEqual([true, []]);
  expect(nodes.map(({ version }) => version.split('.', 1)[0])).toEqual(['20', '22', '24', '26']);
  for (const { version, engineWarnings } of nodes) expect([version, engineWarnings]).toEqual([version, []]);
  // Room for new releases of what it stands on, and none for another heavy package that slips in.
  expect(installed.mib).toBeLessThan(170);
  expect(bare.mib).toBeLessThan(installed.mib);
});
