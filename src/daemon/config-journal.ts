import { z } from 'zod';
import type { JournalOptions } from '../connector-journal.js';
import { DURABILITIES } from '../ports/index.js';

const FIELDS = {
  durability: z.enum(DURABILITIES).optional(),
  retentionMs: z.number().optional(),
  maxBytes: z.number().optional(),
};

/** For all apps: each has a directory of its own below. */
export const JOURNAL_SHAPE = z.strictObject({ directory: z.string().min(1), ...FIELDS });
/** For one app: what is left out is the daemon's. */
export const APP_JOURNAL_SHAPE = z.strictObject({ directory: z.string().min(1).optional(), ...FIELDS });

export type RawJournal = z.infer<typeof JOURNAL_SHAPE>;
export type RawAppJournal = z.infer<typeof APP_JOURNAL_SHAPE>;

export const JOURNAL_KEYS = Object.keys(JOURNAL_SHAPE.shape);

/** What the keys want, in the words of every error about them. */
export const JOURNAL_WORDS: Readonly<Record<string, { readonly expected: string; readonly advice: string }>> = {
  journal: {
    expected: 'a mapping of options',
    advice: 'Write journal: and below it "  directory: /var/lib/feishu-connector"; leave it out for no journal.',
  },
  'apps[].journal': {
    expected: 'a mapping of options, or none',
    advice: 'Write journal: none, or below it "  directory: /var/lib/feishu-connector/bot".',
  },
  directory: { expected: 'the path of a directory', advice: 'Write directory: /var/lib/feishu-connector.' },
  durability: {
    expected: `one of ${DURABILITIES.join(', ')}`,
    advice: 'Write durability: power to survive a power cut, or process for a killed process alone.',
  },
};

/**
 * The journal of one app. Its directory is named by the app id, which never changes, where the app's name may: an event
 * that waits must be found again.
 */
export function journalOf(
  daemon: RawJournal | undefined,
  app: RawAppJournal | 'none' | undefined,
  appId: string,
  join: (directory: string, appId: string) => string,
): JournalOptions | null {
  if (app === 'none') return null;
  const directory = app?.directory ?? (daemon === undefined ? undefined : join(daemon.directory, appId));
  if (directory === undefined) return null;
  return { ...present(daemon ?? {}), ...present(app ?? {}), directory };
}

/** An app's own part of it, its directory made absolute. */
export function ownJournal(
  journal: RawAppJournal | 'none' | undefined,
  pathOf: (directory: string) => string,
): RawAppJournal | 'none' | undefined {
  if (journal === undefined || journal === 'none' || journal.directory === undefined) return journal;
  return { ...journal, directory: pathOf(journal.directory) };
}

/** What is given, without the keys that zod keeps for what is not. */
export function present<Options extends object>(options: Options): Given<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<Options>;
}

type Given<Options> = { [Key in keyof Options]: Exclude<Options[Key], undefined> };
