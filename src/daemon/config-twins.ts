import { join } from 'node:path';
import { described } from '../ports/index.js';
import type { KeyPath } from './config-document.js';
import type { ConfigProblem } from './config-error.js';
import { journalOf, ownJournal } from './config-journal.js';
import { type Located, placeOf } from './config-located.js';
import type { RawApp, RawConfig } from './config-schema.js';
import type { IsSound } from './config-sound.js';

/** What two apps have that only one can have: id, name, the directory of a journal. */
export function twinProblems(config: RawConfig, located: Located, isSound: IsSound): ConfigProblem[] {
  return [...duplicates(config.apps, located, isSound), ...sharedJournals(config, located, isSound)];
}

function duplicates(apps: readonly RawApp[], located: Located, isSound: IsSound): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const seen = { appId: new Map<string, number>(), app: new Map<string, number>() };
  for (const [index, { appId, app = appId }] of apps.entries()) {
    for (const [key, text] of Object.entries({ appId, app }) as ['appId' | 'app', string][]) {
      const path = ['apps', index, key];
      if (!isSound(path) || !isSound(['apps', index, 'appId'])) continue;
      // Of an id the case does not matter: it is a number in hexadecimal digits.
      const value = key === 'appId' ? text.toLowerCase() : text;
      const first = seen[key].get(value);
      if (first === undefined) {
        seen[key].set(value, index);
      } else if (key === 'appId' || appId.toLowerCase() !== apps[first]?.appId.toLowerCase()) {
        problems.push({
          ...placeOf(path, located),
          expected: key === 'appId' ? 'each app once' : 'a name that no other app has',
          given: `${described(text)} again, first at ${located.where(['apps', first, key])}`,
          advice: key === 'appId' ? 'Remove one of the two.' : 'Give one of them another name.',
        });
      }
    }
  }
  return problems;
}

/** One directory keeps the events of one app: of two that name it, one would never start. */
function sharedJournals({ journal, apps }: RawConfig, located: Located, isSound: IsSound): ConfigProblem[] {
  if (!isSound(['journal'])) return [];
  const daemon = journal && { ...journal, directory: located.pathOf(['journal', 'directory'], journal.directory) };
  const first = new Map<string, KeyPath>();
  return apps.flatMap((app, index) => {
    const path = ['apps', index, 'journal', 'directory'];
    if (!isSound(path) || !isSound(['apps', index, 'appId'])) return [];
    const pathOf = (directory: string) => located.pathOf(path, directory);
    const directory = journalOf(daemon, ownJournal(app.journal, pathOf), app.appId, join)?.directory;
    const before = directory === undefined ? undefined : first.get(directory);
    if (directory !== undefined && before === undefined) first.set(directory, path);
    if (before === undefined) return [];
    return [
      {
        ...placeOf(path, located),
        expected: 'a directory of this app alone',
        given: `that of the app at ${located.where(before)}`,
        advice: 'Name another one, or leave it out: below journal: at the top each app has its own.',
      },
    ];
  });
}
