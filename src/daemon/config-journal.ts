import { z } from 'zod';
import { DURABILITIES, type Durability } from '../ports/index.js';

/** The journal as the library takes it. */
export interface JournalConfig {
  /** Absolute; of this app alone. */
  readonly directory: string;
  readonly durability?: Durability;
  readonly retentionMs?: number;
  readonly maxBytes?: number;
}

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
export type RawAppJournal = z.infer<typeof APP_JOURNAL_SHAPE> | 'none';

export const JOURNAL_KEYS = Object.keys(JOURNAL_SHAPE.shape);

/** What the keys want, in the words of every error about them. */
export const JOURNAL_WORDS: Readonly<Record<string, { readonly expected: string; readonly advice: string }>> = {
  journal: {
    expected: 'a mapping of options, or none for one app',
    advice: 'Write journal: and below it "  directory: /var/lib/feishu-connector".',
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
  daemon: (RawJournal & { readonly directory: string }) | undefined,
  app: RawAppJournal | undefined,
  appId: string,
  join: (directory: string, appId: string) => string,
): JournalConfig | null {
  if (app === 'none') return null;
  const directory = app?.directory ?? (daemon === undefined ? undefined : join(daemon.directory, appId));
  if (directory === undefined) return null;
  const { durability, retentionMs, maxBytes } = { ...present(daemon), ...present(app) };
  return {
    directory,
    ...(durability !== undefined && { durability }),
    ...(retentionMs !== undefined && { retentionMs }),
    ...(maxBytes !== undefined && { maxBytes }),
  };
}

function present<Options extends object>(options: Options | undefined): Partial<Options> {
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<Options>;
}
