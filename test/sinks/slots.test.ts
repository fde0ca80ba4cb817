import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slots } from '../../src/sinks/slots.js';
import { settled } from '../support/hand-clock.js';

test('never more than the capacity run, in the order of their coming, and none is forgotten (fast-check, seed 3)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ gives: fc.boolean(), fails: fc.boolean() }), { maxLength: 20 }),
      async (capacity, comers) => {
        let running = 0;
        let most = 0;
        const begun: number[] = [];
        const finish: (() => void)[] = [];
        const slots = new Slots(capacity, (count) => {
          most = Math.max(most, count);
        });
        const runs = comers.map(({ gives, fails }, index) => {
          const abortion = new AbortController();
          const run = slots
            .run(abortion.signal, async () => {
              begun.push(index);
              running += 1;
              expect(running).toBeLessThanOrEqual(capacity);
              await new Promise<void>((resolve) => finish.push(resolve));
              running -= 1;
              if (fails) throw new Error('failed');
            })
            .then(
              () => 'done',
              (error: Error) => error.message,
            );
          if (gives && index >= capacity) abortion.abort(new Error('gave up'));
          return run;
        });
        await settled();
        while (finish.length > 0) {
          finish.shift()?.();
          await settled();
        }
        const wanted = comers.map(({ gives, fails }, index) => {
          if (gives && index >= capacity) return 'gave up';
          return fails ? 'failed' : 'done';
        });
        expect(await Promise.all(runs)).toEqual(wanted);
        expect(begun).toEqual([...wanted.keys()].filter((index) => wanted[index] !== 'gave up'));
        expect(most).toBe(Math.min(capacity, begun.length));
      },
    ),
    { seed: 3, numRuns: 100 },
  );
});
