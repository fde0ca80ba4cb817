import type { AppStatus, BrokenApp } from '../../doctor/index.js';
import type { CatchUpAnswer } from './ask.js';

type ClosedGap = NonNullable<NonNullable<AppStatus['gaps']>['latest']>[number];

/**
 * What became of one app's gap. `refused`: nothing is read, and `says` has the reason. `open`: not closed yet, as far as is
 * known. `unknown`: the daemon knows no such gap any more, as after a restart.
 */
export interface AppOutcome {
  readonly app: string;
  readonly appId: string;
  readonly gap: number | null;
  readonly is: 'refused' | 'open' | 'closed' | 'unknown';
  /** What the daemon said when it was asked, for people. */
  readonly says: string;
  /** The last word on it; null until it is closed. */
  readonly record: ClosedGap | null;
}

/** @param apps As the daemon tells of them now; null before anybody looked. Pure. */
export function outcomesOf(
  asked: CatchUpAnswer,
  apps: readonly (AppStatus | BrokenApp)[] | null,
): readonly AppOutcome[] {
  return asked.map(({ app, appId, gap, says }) => {
    const told = (is: AppOutcome['is'], record: ClosedGap | null = null): AppOutcome => ({
      app,
      appId,
      gap,
      is,
      says,
      record,
    });
    if (gap === null) return told('refused');
    const status = apps?.find((each) => each.app === app);
    if (status === undefined || 'error' in status || status.gaps === undefined || status.gaps === null)
      return told('open');
    const { open = [], openCount, latest = [] } = status.gaps;
    const record = latest.find(({ number }) => number === gap);
    if (record !== undefined) return told('closed', record);
    // Of many open ones the status shows the oldest alone.
    const isOpen = open.some(({ number }) => number === gap) || openCount > open.length;
    return told(isOpen ? 'open' : 'unknown');
  });
}

/** Whether all that was asked for was read to its end. */
export function isAllRead(outcomes: readonly AppOutcome[]): boolean {
  return outcomes.every(({ is, record }) => is === 'closed' && record?.recovered === 'yes');
}

/** One line for people: what was found, what had arrived after all, and what is left. */
export function outcomeLine({ app, gap, is, says, record }: AppOutcome): string {
  switch (is) {
    case 'refused':
      return `${app}: ${says}`;
    case 'open':
      return `${app}: gap ${gap} is not closed yet; status --app ${app} tells what becomes of it`;
    case 'unknown':
      return `${app}: the daemon knows no gap ${gap} any more; its log tells what became of it`;
    case 'closed': {
      if (record === null) return `${app}: gap ${gap} is closed`;
      const { from, to, found, alreadyKnown, unreachable, recovered } = record;
      const time = `${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;
      const read = { yes: 'all was read', no: 'not all was read' }[recovered] ?? 'nobody could look';
      const left = unreachable.map(({ what, count, why }) => `; out of reach: ${count} ${what} (${why})`).join('');
      return `${app}: gap ${gap}, ${time}: ${found} found and handled now, ${alreadyKnown} had arrived; ${read}${left}`;
    }
  }
}
