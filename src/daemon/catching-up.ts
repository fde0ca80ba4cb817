import type { CatchUpOptions } from '../connector.js';
import { ConnectorError } from '../connector-error.js';
import { redact } from '../observe/index.js';
import { type AppView, UnstartedError } from './readiness.js';

/** One app whose history an operator can have read. */
export interface CatchableApp extends AppView {
  /** See `Connector.catchUp`. */
  catchUp(span: CatchUpOptions): number;
}

/** What came of an operator's word that messages of some time may be missing. */
export interface AppCatchUp {
  readonly app: string;
  readonly appId: string;
  /** The number under which the gap's record tells what became of it; null: nothing is read. */
  readonly gap: number | null;
  /** False where one that was asked for before is not closed yet: its number is given, and nothing is read besides. */
  readonly isNew: boolean;
  /** For people. */
  readonly says: string;
}

/** Gives the word to one app, and tells what came of it. Throws nothing. */
export function catchUpOf(view: CatchableApp, span: CatchUpOptions): AppCatchUp {
  const { app, appId } = view;
  const told = (gap: number | null, isNew: boolean, says: string): AppCatchUp => ({ app, appId, gap, isNew, says });
  try {
    // One at a time: each is a look at every chat of the app, and a script may ask for more and more of them.
    const earlier = view.status().gaps?.open.find(({ cause }) => cause === 'operator');
    if (earlier !== undefined)
      return told(
        earlier.number,
        false,
        `Gap ${earlier.number}, which was asked for before, comes first. Ask again then.`,
      );
    const gap = view.catchUp(span);
    return told(gap, true, `It is read as gap ${gap}, in some seconds; the log and the status tell what became of it.`);
  } catch (error) {
    const reason = redact(error instanceof Error ? error.message : String(error));
    const isForeseen = error instanceof ConnectorError || error instanceof UnstartedError;
    return told(null, false, isForeseen ? `Nothing is read: ${reason}.` : bug(reason));
  }
}

function bug(reason: string): string {
  return `This is a bug of the connector: ${reason}. Please report it with the log.`;
}
