import { expect, test } from 'vitest';
import type { ConnectorStatus } from '../../src/connector-status.js';
import { OutageWatch, type WatchedApp } from '../../src/daemon/outage-watch.js';
import { disconnected, statusWith } from '../support/app-connector.js';
import { HandClock } from '../support/hand-clock.js';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** An app that is down, and whose attempts fail each time that somebody asks for one. */
class FailingApp implements WatchedApp {
  readonly app = 'bot';
  attempts = 10;
  probes = 0;
  isAnswered = true;
  isConnected = false;
  isBroken = false;
  readonly signals: AbortSignal[] = [];

  status(): ConnectorStatus {
    if (this.isBroken) throw new Error('a bug');
    if (this.isConnected) return statusWith({ app: 'bot' });
    const status = disconnected('waiting', { attempts: { count: this.attempts, nextAt: null, isUnderWay: false } });
    const { lastFailure } = status;
    return { ...status, lastFailure: lastFailure && { ...lastFailure, code: 'dial_unreachable', verdict: 'retry' } };
  }

  reconnect(): void {
    this.attempts += 1;
  }

  probe(signal: AbortSignal): Promise<boolean> {
    this.probes += 1;
    this.signals.push(signal);
    return Promise.resolve(this.isAnswered);
  }
}

function watchOf(...apps: readonly WatchedApp[]) {
  const clock = new HandClock();
  const ends: string[] = [];
  const watch = new OutageWatch(
    clock,
    () => apps,
    (reason) => void ends.push(reason),
  );
  return { clock, ends, watch };
}

test('six hours of one outage, then an answer and three attempts in vain: it ends with what to know', async () => {
  const app = new FailingApp();
  const { clock, ends, watch } = watchOf(app);
  watch.watch(6 * HOUR);
  await clock.advanceBy(6 * HOUR);
  expect([app.probes, ends]).toEqual([0, []]);
  await clock.advanceBy(5 * MINUTE);
  expect(ends[0]).toBe(
    'the app bot has been in one outage for 362 minutes; the platform answers a probe, and attempts from this process ' +
      'still fail with dial_unreachable: a new process may succeed where this one cannot',
  );
  watch.stop();
  expect(clock.pending).toBe(0);
});

test('while the platform is down it stays, however long that is', async () => {
  const app = new FailingApp();
  app.isAnswered = false;
  const { clock, ends, watch } = watchOf(app);
  watch.watch(HOUR);
  await clock.advanceBy(100 * HOUR);
  expect(app.probes).toBeGreaterThan(100);
  expect(ends).toEqual([]);
});

test('an app that is connected is never probed, and one that comes back is left alone', async () => {
  const app = new FailingApp();
  app.isConnected = true;
  const { clock, ends, watch } = watchOf(app);
  watch.watch(HOUR);
  await clock.advanceBy(5 * HOUR);
  app.isConnected = false;
  await clock.advanceBy(HOUR);
  expect(app.probes).toBe(0);
  await clock.advanceBy(MINUTE);
  expect(app.probes).toBeGreaterThan(0);
  app.isConnected = true;
  await clock.advanceBy(5 * HOUR);
  expect(ends).toEqual([]);
});

test('without the option nothing is watched, and taking it away ends the watch', async () => {
  const app = new FailingApp();
  const { clock, ends, watch } = watchOf(app);
  watch.watch(null);
  expect(clock.pending).toBe(0);
  watch.watch(HOUR);
  watch.watch(2 * HOUR);
  expect(clock.pending).toBe(1);
  watch.watch(null);
  await clock.advanceBy(10 * HOUR);
  expect([clock.pending, app.probes, ends]).toEqual([0, 0, []]);
});

test('a stop ends a probe that is under way, and what it says then counts for nothing', async () => {
  const app = new FailingApp();
  let answer: (isAnswered: boolean) => void = () => {};
  app.probe = (signal) => {
    app.signals.push(signal);
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  const { clock, ends, watch } = watchOf(app);
  watch.watch(HOUR);
  await clock.advanceBy(2 * HOUR);
  expect(app.signals.length).toBe(1);
  watch.stop();
  expect(app.signals[0]?.aborted).toBe(true);
  answer(true);
  await clock.advanceBy(10 * HOUR);
  expect([clock.pending, app.attempts, ends]).toEqual([0, 10, []]);
});

test('an app whose status cannot be read is judged by nothing, and keeps no other from being judged', async () => {
  const broken = new FailingApp();
  broken.isBroken = true;
  const app = new FailingApp();
  const { clock, ends, watch } = watchOf(broken, app);
  watch.watch(HOUR);
  await clock.advanceBy(2 * HOUR);
  expect(broken.probes).toBe(0);
  expect(ends.length).toBeGreaterThan(0);
});
