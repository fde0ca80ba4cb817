import { spawnSync } from 'node:child_process';
import { Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { bashCompletion } from '../../src/cli/completion/bash.js';
import { fishCompletion } from '../../src/cli/completion/fish.js';
import { completionTree, everyNode, formsOf, summaryOf } from '../../src/cli/completion/tree.js';
import { zshCompletion } from '../../src/cli/completion/zsh.js';
import { TestFace } from '../support/cli-face.js';
import { withFiles } from '../support/temporary-folder.js';

async function scriptFor(shell: string): Promise<string> {
  const face = new TestFace(['completion', shell]);
  expect(await runCli(face)).toBe(0);
  expect(face.err).toBe('');
  return face.out;
}

/** Presses Tab in bash behind these words, as readline does. @returns What it offers, sorted. */
function tab(script: string, words: readonly string[], cwd?: string): string[] {
  const [, complete = ''] = /^complete -F (\S+)/m.exec(script) ?? [];
  const press = `eval "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ${complete}; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, error } = spawnSync(
    'bash',
    ['--norc', '-c', press, 'bash', script, 'feishu-connector', ...words],
    { encoding: 'utf8', ...(cwd !== undefined && { cwd }) },
  );
  expect([error, stderr.replace(/^.*compopt: not currently executing completion function\n/, '')]).toEqual([
    undefined,
    '',
  ]);
  return stdout
    .split('\n')
    .filter((word) => word !== '')
    .sort();
}

/** A program with commands below commands, and options whose values look like commands. */
function nestedProgram(): Command {
  const program = new Command('nested').helpCommand(false);
  const letters = program
    .command('letters')
    .description("What's left. In detail (default: all)")
    .option('--app <name>', 'whose');
  letters.command('list').description('Lists: all of them.').option('-n, --limit <count>', 'how many (default: 10)');
  letters.command('drop', { hidden: true });
  letters.addOption(new Option('-k, --kind <kind>', 'which').choices(['one', 'two']));
  program.command('list').option('--quick', 'no [details]');
  return program;
}

test('bash completes commands, options, values and files, as they are registered', async () => {
  const script = await scriptFor('bash');
  const help = new TestFace(['--help']);
  await runCli(help);
  const [, listed = ''] = /Commands:\n([\s\S]*?)\n\n/.exec(help.out) ?? [];
  const commands = [...listed.matchAll(/^ {2}(\S+)/gm)].map(([, name = '']) => name).sort();
  expect(commands).toContain('completion');
  expect(tab(script, [''])).toEqual(commands);
  expect(tab(script, ['simul'])).toEqual(['simulate']);
  expect(tab(script, ['--ver'])).toEqual(['--version']);
  expect(tab(script, ['run', '--li'])).toEqual(['--listen']);
  expect(tab(script, ['run', 'x'])).toEqual([]);
  expect(tab(script, ['alerts', '--format', ''])).toEqual(['prometheus', 'prometheus-rule']);
  expect(tab(script, ['alerts', '--format', '=', 'prometheus-'])).toEqual(['prometheus-rule']);
  expect(tab(script, ['alerts', '--format', '='])).toEqual(['prometheus', 'prometheus-rule']);
  expect(tab(script, ['run', '--listen', ''])).toEqual([]);
  expect(tab(script, ['run', '--listen', '=', 'demo', '--simu'])).toEqual(['--simulator']);
  expect(tab(script, ['completion', ''])).toEqual(['bash', 'fish', 'zsh']);
  expect(tab(script, ['runbook', 'FeishuWsZ'])).toEqual(['FeishuWsZombie']);
  expect(tab(script, ['help', 'dash'])).toEqual(['dashboards']);
  await withFiles({ 'connector one.yaml': '', 'other.yaml': '' }, async (folder) => {
    expect(tab(script, ['run', '-c', 'conn'], folder)).toEqual(['connector one.yaml']);
    expect(tab(script, ['alerts', '--out', ''], folder)).toEqual([]);
  });
});

test('a command below a command is completed, and the value of an option is never taken for a command', () => {
  const script = bashCompletion('nested', completionTree(nestedProgram()));
  expect(tab(script, [''])).toEqual(['letters', 'list']);
  expect(tab(script, ['letters', ''])).toEqual(['list']);
  expect(tab(script, ['letters', 'list', '--'])).toEqual(['--help', '--limit']);
  expect(tab(script, ['letters', '--app', 'list', ''])).toEqual(['list']);
  expect(tab(script, ['letters', '--app', '=', 'list', ''])).toEqual(['list']);
  expect(tab(script, ['list', '--q'])).toEqual(['--quick']);
});

const WRITERS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

test.each(['bash', 'zsh', 'fish'] as const)(
  '%s is told of every command, option and closed list of values',
  (shell) => {
    const tree = completionTree(nestedProgram());
    const script = WRITERS[shell]('nested', tree);
    for (const { path, options } of everyNode(tree)) {
      for (const word of path) expect(script).toContain(word);
      for (const option of options) {
        const forms = shell === 'fish' ? [`-l ${option.long}`] : formsOf(option);
        for (const form of forms) expect(script).toContain(form);
      }
    }
    expect(script).not.toContain('drop');
    expect(script.match(/one two/g)).not.toBeNull();
  },
);

test.each(['bash', 'zsh', 'fish'] as const)(
  'the syntax of the script for %s is what that shell reads',
  async (shell) => {
    for (const script of [await scriptFor(shell), WRITERS[shell]('nested', completionTree(nestedProgram()))]) {
      const { error, status, stderr } = await withFiles({ script }, async (cwd) =>
        spawnSync(shell, ['-n', 'script'], { cwd, encoding: 'utf8' }),
      );
      // Bash is wherever these tests run. Of the others, where they are missing, at least nothing was left open.
      if (error !== undefined && shell !== 'bash') expect(openQuotesOf(script)).toEqual([]);
      else expect([error, status, stderr]).toEqual([undefined, 0, '']);
    }
  },
);

test('what is said in a list is one sentence, without defaults', () => {
  expect(summaryOf('how many;\n  more (default: 10)')).toBe('how many');
  expect(summaryOf('URL (default: http://127.0.0.1, or none). More.')).toBe('URL');
  expect(summaryOf('what is there (of ours).')).toBe('what is there (of ours)');
});

test('as JSON it comes with the line that installs it', async () => {
  const face = new TestFace(['completion', 'fish', '--json']);
  expect(await runCli(face)).toBe(0);
  expect(JSON.parse(face.out)).toEqual({
    shell: 'fish',
    install: expect.stringContaining('.config/fish/completions'),
    script: await scriptFor('fish'),
  });
});

/** Lines of a script whose quotes do not pair up: none of ours goes over the end of its line. */
function openQuotesOf(script: string): string[] {
  return script.split('\n').filter((line) => {
    const code = line
      .replace(/^\s*#.*$/, '')
      .replace(/\\./g, '')
      .replace(/"[^"]*"/g, '');
    return (code.match(/'/g) ?? []).length % 2 !== 0;
  });
}
