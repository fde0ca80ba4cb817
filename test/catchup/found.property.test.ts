import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOUR, MINUTE, type Scene, SECOND, scene } from './scene.js';

const SEED = 2_026;
const CHATS = ['oc_a', 'oc_b', 'oc_c'] as const;

type Act =
  | { readonly do: 'send'; readonly chat: number; readonly count: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'outage' | 'reset'; readonly ms: number; readonly sendAfterMs: number }
  | { readonly do: 'kill' | 'stop'; readonly ms: number; readonly sendAfterMs: number }
  | { readonly do: 'break'; readonly forMs: number };

const ms = (max: number) => fc.integer({ min: 50, max });
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ do: fc.constant('send' as const), chat: fc.nat(2), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('wait' as const), ms: ms(10 * MINUTE) }),
  fc.record({ do: fc.constantFrom('outage' as const, 'reset' as const), ms: ms(10 * MINUTE), sendAfterMs: ms(MINUTE) }),
  fc.record({ do: fc.constantFrom('kill' as const, 'stop' as const), ms: ms(HOUR), sendAfterMs: ms(MINUTE) }),
  fc.record({ do: fc.constant('break' as const), forMs: ms(10 * MINUTE) }),
);

async function play(acts: readonly Act[], seed: number): Promise<{ world: Scene; sent: string[] }> {
  const world = await scene({ seed, platform: { whenNobodyOnline: 'lost' }, policy: { notesIntervalMs: SECOND } });
  const sent: string[] = [];
  for (const chatId of CHATS) sent.push(await world.hear({ chatId }));
  await world.clock.advanceBy(2 * SECOND);
  for (const each of acts) {
    switch (each.do) {
      case 'send':
        for (let count = 0; count < each.count; count++)
          sent.push(await world.hear({ chatId: CHATS[each.chat] ?? 'oc_a' }));
        break;
      case 'wait':
        await world.clock.advanceBy(each.ms);
        break;
      case 'break':
        world.platform.inject({ fault: 'api_status', status: 503, path: '/open-apis/im/', forMs: each.forMs });
        break;
      default: {
        if (each.do === 'kill') world.kill();
        else if (each.do === 'stop') await world.end();
        else await world.drop({ isClean: each.do === 'outage' });
        await world.clock.advanceBy(20);
        const early = Math.min(each.ms, each.sendAfterMs);
        await world.clock.advanceBy(early);
        sent.push(world.send({ chatId: 'oc_b' }));
        await world.clock.advanceBy(each.ms - early + 10);
        if (each.do === 'kill' || each.do === 'stop') await world.begin();
        else await world.connect();
      }
    }
  }
  await world.clock.advanceBy(4 * HOUR);
  return { world, sent };
}

test(`whatever breaks, event or catch-up brings every message, each once, and every gap is closed (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), fc.nat(1_000), async (acts, seed) => {
      const { world, sent } = await play(acts, seed);
      expect(sent.filter((id) => !world.messages.has(id))).toEqual([]);
      const fed = world.fed.map(({ id }) => id);
      expect(new Set(fed).size).toBe(fed.length);
      expect(world.lookout.snapshot().gaps).toEqual([]);
      expect(world.of('gap_closed').every(({ record }) => record.recovered === 'yes')).toBe(true);
      expect(world.of('look_failed')).toEqual([]);
      expect(world.replacements).toBe(0);
      await world.stop();
    }),
    { seed: SEED, numRuns: 60 },
  );
}, 60_000);
