import { expect, test } from 'vitest';
import type { ConnectorStatus } from '../../src/connector-status.js';
import { afterProbe, isLastRung, isProbeDue, type Rung, rungOf } from '../../src/daemon/last-rung.js';
import { disconnected, statusWith } from '../support/app-connector.js';

const HOUR = 3_600_000;
const AFTER_MS = 6 * HOUR;

/** Down, with a failure that mends itself. */
function down(attempts: number, changes: Partial<ConnectorStatus> = {}): ConnectorStatus {
  const { lastFailure } = disconnected('waiting');
  return disconnected('waiting', {
    lastFailure: lastFailure && { ...lastFailure, code: 'dial_unreachable', verdict: 'retry' },
    attempts: { count: attempts, nextAt: null, isUnderWay: false },
    ...changes,
  });
}

/** On the rung since 0, and answered once when there had been ten attempts. */
function answeredRung(): Rung {
  const status = down(10);
  const rung = rungOf(null, status, 0);
  if (rung === null) throw new Error('an outage is a rung');
  return afterProbe(rung, status, true);
}

test('without an outage there is no rung, and another outage begins anew', () => {
  expect(rungOf(null, statusWith(), 0)).toBeNull();
  const first = rungOf(null, down(1), 1_000);
  expect(first).toEqual({ outage: 1, since: 1_000, answered: null });
  expect(rungOf(first, down(5), 9_000)).toEqual(first);
  const second = down(9, { outage: { number: 2, cause: 'closed_by_peer', startedAt: 0, attempts: 1 } });
  expect(rungOf(first, second, 9_000)).toEqual({ outage: 2, since: 9_000, answered: null });
});

test('nobody is probed before the outage has lasted', () => {
  const rung = answeredRung();
  expect(isProbeDue(rung, down(10), AFTER_MS, AFTER_MS - 1)).toBe(false);
  expect(isProbeDue(rung, down(10), AFTER_MS, AFTER_MS)).toBe(true);
});

test('a wrong secret is no reason: a restart cannot mend it', () => {
  const rejected = disconnected('waiting');
  expect(isProbeDue(answeredRung(), rejected, AFTER_MS, 24 * HOUR)).toBe(false);
  expect(rungOf(answeredRung(), rejected, 24 * HOUR)?.answered).toBeNull();
});

test('an outage of the platform is no reason: a new process would not fare better', () => {
  const rung = afterProbe(answeredRung(), down(99), false);
  expect(isLastRung(rung, down(99))).toBe(false);
});

test('the platform answers and three attempts fail: that is the last rung', () => {
  const rung = answeredRung();
  expect(isLastRung(rung, down(12))).toBe(false);
  expect(isLastRung(rung, down(13, { attempts: { count: 13, nextAt: null, isUnderWay: true } }))).toBe(false);
  expect(isLastRung(rung, down(13))).toBe(true);
});

test('later answers do not begin the count anew, and a probe without one does', () => {
  const again = afterProbe(answeredRung(), down(12), true);
  expect(isLastRung(again, down(13))).toBe(true);
  const anew = afterProbe(afterProbe(again, down(12), false), down(12), true);
  expect(isLastRung(anew, down(14))).toBe(false);
});

test('what is connected now and then does not fail for good', () => {
  const connected = statusWith({ outage: down(1).outage, lastFailure: down(1).lastFailure });
  expect(rungOf(answeredRung(), connected, HOUR)).toMatchObject({ since: 0, answered: null });
  const { receiving } = down(1);
  const heard = down(13, { receiving: { ...receiving, lastFrameAt: (receiving.lastFrameAt ?? 0) + 1 } });
  expect(rungOf(answeredRung(), heard, HOUR)?.answered).toBeNull();
});
