import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FeishuEvent, type HandlerContext, kindOf } from '../../src/delivery/index.js';
import { deadlineOf, resolveDeliveryPolicy } from '../../src/delivery/policy.js';
import { CARD, DeliveryStage, eventFrame, MESSAGE, StagedSession } from '../support/delivery-stage.js';

const POLICY = resolveDeliveryPolicy({ maxPending: 3 });
const SESSION_COUNT = 3;

/** Two callbacks and three events, so that three places are not enough for all. */
const TYPES: Readonly<Record<string, string>> = { c1: CARD, c2: CARD, e1: MESSAGE, e2: MESSAGE, e3: MESSAGE };

type Step =
  | { readonly does: 'bring'; readonly id: string; readonly session: number }
  | { readonly does: 'settle'; readonly run: number; readonly isSuccess: boolean }
  | { readonly does: 'wait'; readonly ms: number }
  | { readonly does: 'hang up'; readonly session: number }
  | { readonly does: 'stop'; readonly drainMs: number };

const session = fc.nat({ max: SESSION_COUNT - 1 });
const bring = fc.record({ does: fc.constant('bring' as const), id: fc.constantFrom(...Object.keys(TYPES)), session });
const settle = fc.record({ does: fc.constant('settle' as const), run: fc.nat({ max: 9 }), isSuccess: fc.boolean() });
// What matters lies around the two deadlines and their doubles.
const wait = fc.record({
  does: fc.constant('wait' as const),
  ms: fc.constantFrom(0, 1, 1_200, 2_499, 2_500, 2_501, 15_000, 59_000, 60_000, 60_001, 300_000),
});
const hangUp = fc.record({ does: fc.constant('hang up' as const), session });
const stop = fc.record({ does: fc.constant('stop' as const), drainMs: fc.constantFrom(0, 1_000, 90_000) });

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: bring, weight: 40 },
  { arbitrary: settle, weight: 24 },
  { arbitrary: wait, weight: 24 },
  { arbitrary: hangUp, weight: 2 },
  { arbitrary: stop, weight: 1 },
);

interface WatchedRun {
  readonly id: string;
  readonly startedAt: number;
  readonly settle: (isSuccess: boolean) => void;
  isSettled: boolean;
}

/** A world that checks the promises at every run and every ack, while they happen. */
class Watch {
  readonly runs: WatchedRun[] = [];
  readonly handled = new Set<string>();
  readonly broughtOn = new Map<string, { readonly id: string; readonly session: number }>();
  readonly answered = new Set<string>();
  readonly breaches: string[] = [];
  readonly stage = new DeliveryStage({
    policy: POLICY,
    handlers: { '*': (event, context) => this.#handle(event, context) },
  });
  readonly sessions = Array.from({ length: SESSION_COUNT }, (_, index) => new StagedSession(index));

  async take(step: Step): Promise<void> {
    const { clock, pipeline } = this.stage;
    switch (step.does) {
      case 'bring': {
        const messageId = `m${this.broughtOn.size}`;
        this.broughtOn.set(messageId, { id: step.id, session: step.session });
        const frame = eventFrame({ id: step.id, messageId, ...this.#typeOf(step.id) });
        await this.stage.bring(frame, this.#sessionOf(step.session));
        break;
      }
      case 'settle': {
        const open = this.runs.filter((run) => !run.isSettled);
        open[step.run % Math.max(1, open.length)]?.settle(step.isSuccess);
        await this.stage.settle();
        break;
      }
      case 'wait':
        await clock.advanceBy(step.ms);
        break;
      case 'hang up':
        this.#sessionOf(step.session).isOpen = false;
        break;
      case 'stop':
        void pipeline.stop({ drainMs: step.drainMs });
        await this.stage.settle();
        break;
    }
    this.#checkAcks();
  }

  /** Stops for good and checks that nothing is left. */
  async end(): Promise<void> {
    const stopped = this.stage.pipeline.stop({ drainMs: 1_000 });
    await this.stage.clock.advanceBy(1_000);
    await stopped;
    this.#checkAcks();
    expect(this.breaches).toEqual([]);
    expect(this.stage.pipeline.snapshot()).toMatchObject({ depth: 0, oldestWallMs: 0, abandonedCount: 0 });
    expect(this.stage.told('pending').at(-1)?.depth ?? 0).toBe(0);
    expect(this.stage.clock.pendingTimers).toBe(0);
    // Every frame has exactly one end, and it is told.
    const ends = ['acked', 'ack_failed', 'dropped'] as const;
    expect(ends.flatMap((type) => this.stage.told(type))).toHaveLength(this.broughtOn.size);
    // So has every run, and a report of it.
    expect(this.stage.told('handler_finished')).toHaveLength(this.runs.length);
  }

  #handle(event: FeishuEvent, context: HandlerContext): Promise<void> {
    const { id } = event;
    const now = this.stage.clock.now();
    const earlier = this.runs.filter((run) => run.id === id);
    const deadlineMs = deadlineOf(kindOf(event.type), POLICY);
    if (this.handled.has(id)) this.breaches.push(`${id} ran again though it was handled`);
    if (context.attempt !== earlier.length + 1) this.breaches.push(`${id} ran as attempt ${context.attempt}`);
    for (const run of earlier) {
      if (!run.isSettled && now < run.startedAt + 2 * deadlineMs) this.breaches.push(`${id} ran twice at ${now}`);
    }
    return new Promise((resolve, reject) => {
      const run: WatchedRun = {
        id,
        startedAt: now,
        isSettled: false,
        settle: (isSuccess) => {
          run.isSettled = true;
          if (isSuccess) this.handled.add(id);
          if (isSuccess) resolve();
          else reject(new Error('as told'));
        },
      };
      this.runs.push(run);
    });
  }

  #checkAcks(): void {
    for (const [index, { acks }] of this.sessions.entries()) {
      for (const { messageId, code } of acks.splice(0)) {
        const brought = this.broughtOn.get(messageId);
        if (brought?.session !== index) this.breaches.push(`${messageId} was acked on session ${index}`);
        if (this.answered.has(messageId)) this.breaches.push(`${messageId} was acked twice`);
        this.answered.add(messageId);
        if (code === 200 && !this.handled.has(brought?.id ?? '')) this.breaches.push(`${messageId} got an early 200`);
      }
    }
  }

  #typeOf(id: string): { type?: string } {
    const type = TYPES[id];
    return type === undefined ? {} : { type };
  }

  #sessionOf(index: number): StagedSession {
    const found = this.sessions[index];
    if (found === undefined) throw new Error(`there is no session ${index}`);
    return found;
  }
}

test('whatever happens in whatever order, nothing runs twice at a time or is acked too early, twice or elsewhere (seed 20260101)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
      const watch = new Watch();
      for (const step of steps) await watch.take(step);
      await watch.end();
    }),
    { seed: 20260101, numRuns: 600 },
  );
});
