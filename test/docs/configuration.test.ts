import { expect, test } from 'vitest';
import { createConnector } from '../../src/connector.js';
import { ENVIRONMENT } from '../../src/daemon/index.js';
import { DEFAULT_APP } from '../../src/simulator/index.js';
import { configurationParts } from './configuration-page.js';
import { refusalOf } from './support/expectation.js';
import { committed, read, withParts } from './support/root.js';
import { APP_KEYS, DAEMON_KEYS } from './support/schema.js';

const FILE = 'docs/configuration.md';

test('docs/configuration.md has every key, its bounds, default, meaning and variable as the code has them (UPDATE=1 writes them)', async () => {
  const { held, expected } = committed(FILE, withParts(read(FILE), await parts()));
  expect(held).toBe(expected);
});

async function parts(): Promise<Readonly<Record<string, string>>> {
  const [, example = ''] = /<!-- refused -->\n```yaml\n([\s\S]*?)```/.exec(read(FILE)) ?? [];
  const refusal = await refusalOf(example);
  if (refusal === null) throw new Error('the example of a wrong configuration is accepted');
  return { ...(await configurationParts()), refusal: ['```text', refusal.message, '```'].join('\n') };
}

test('every option of the library stands in docs/configuration.md, with its meaning', () => {
  const unknown = () => createConnector({ ...DEFAULT_APP, handlers: {}, none: true } as never);
  const known = /known are (.*)$/.exec(messageOf(unknown))?.[1]?.split(', ') ?? [];
  expect(known.length).toBeGreaterThan(15);
  for (const name of known) expect(read(FILE)).toMatch(new RegExp(`^\\| \`${name}\` \\| \`.+\` \\| .+\\. \\|$`, 'm'));
});

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('it was accepted');
}

test('every key of the schema and every variable stands in docs/configuration.md', () => {
  const page = read(FILE);
  for (const { path } of [...DAEMON_KEYS, ...APP_KEYS]) {
    const [top = '', ...below] = path.split('.');
    const isOfATableOfItsOwn = /^(sink|journal|connection|token|delivery|catchup)$/.test(top) && below.length > 0;
    expect(page, path).toContain(`| \`${isOfATableOfItsOwn ? below.join('.') : path}\` |`);
  }
  for (const name of Object.keys(ENVIRONMENT)) expect(page, name).toContain(`\`${name}\``);
});
