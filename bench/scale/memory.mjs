// What a process knows of the events that it handled: in memory, or in a journal. A process of its own for each.

import { openLmdbStore, systemClock } from '../../build/adapters/index.js';
import { Deduplication } from '../../build/delivery/deduplication.js';
import { DurableDeduplication } from '../../build/delivery/durable-deduplication.js';
import { idsOf } from '../../build/delivery/ids.js';
import { JOURNAL_DEFAULTS, JOURNAL_SCHEMA } from '../../build/delivery/index.js';
import { Journal } from '../../build/delivery/journal.js';
import { answerParent } from '../throughput/call.mjs';
import { heapAndRssMb } from './memory-use.mjs';

const LOOKUPS = 200_000;
const COMMIT = 1_000;
const EIGHT_HOURS_MS = 28_800_000;
const ROOM_BYTES = 4 * 2 ** 30;

/** As long as the platform's. */
const idOf = (index) => `5e3702a84e847582be8db7fb7328${String(index).padStart(4, '0')}`;
let store = null;
let finished = null;

answerParent(
  {
    /** In memory: filled to the brim, so that each one more makes another forgotten. */
    ids({ count }) {
      const before = heapAndRssMb();
      const known = new Deduplication({ maxCount: count, maxAgeMs: EIGHT_HOURS_MS });
      for (let index = 0; index < count; index += 1) known.handled(idOf(index), null, index);
      const heapMb = heapAndRssMb().heapMb - before.heapMb;
      const hitNs = nanosecondsOf((index) => known.recall(idOf(index % count), count) !== null, true, count);
      const missNs = nanosecondsOf((index) => known.recall(idOf(count + index), count) !== null, false, count);
      const remember = (index) => {
        known.handled(idOf(count + index), null, count);
        return true;
      };
      if (known.size !== count) throw new Error(`${known.size} ids are remembered, and not ${count}`);
      const addNs = nanosecondsOf(remember, true);
      if (known.size > count) throw new Error(`${known.size} ids are remembered, and not ${count} at most`);
      return { heapMb: Math.max(0, heapMb), bytesPerId: Math.max(0, heapMb * 2 ** 20) / count, hitNs, missNs, addNs };
    },
    async fill({ directory, from, to }) {
      store ??= await openStore(directory);
      finished ??= new DurableDeduplication(store, JOURNAL_DEFAULTS.retentionMs);
      for (let first = from; first < to; first += COMMIT) {
        const names = Array.from({ length: Math.min(COMMIT, to - first) }, (_, index) => idOf(first + index));
        const at = systemClock.wallNow();
        await store.commit(finished.rowsOf(idsOf(null, names), at));
      }
    },
    closeStore: () => store.close(),
    async journal({ directory, count }) {
      const before = heapAndRssMb();
      const beganAt = performance.now();
      store = await openStore(directory);
      const reporter = { tell: () => {} };
      const journal = new Journal({
        store,
        clock: systemClock,
        reporter,
        retentionMs: JOURNAL_DEFAULTS.retentionMs,
      });
      journal.open(systemClock.now());
      const openMs = performance.now() - beganAt;
      const heapMb = heapAndRssMb().heapMb - before.heapMb;
      const hitNs = nanosecondsOf(
        (index) => journal.recall(idsOf(null, [idOf(index % count)])) === 'finished',
        true,
        count,
      );
      const missNs = nanosecondsOf(
        (index) => journal.recall(idsOf(null, [idOf(count + index)])) === 'finished',
        false,
        count,
      );
      if (journal.rememberedCount !== count)
        throw new Error(`the journal knows ${journal.rememberedCount} of ${count}`);
      const figures = {
        diskMb: journal.snapshot().sizeBytes / 2 ** 20,
        openMs,
        heapMb: Math.max(0, heapMb),
        rssMb: heapAndRssMb().rssMb,
        hitNs,
        missNs,
      };
      await journal.close();
      return figures;
    },
  },
  () => process.exit(),
);

/** CPU time of one question, over many of them spread over all that there is, the making of the id included. */
function nanosecondsOf(ask, wanted, count = LOOKUPS) {
  const stride = 7_919; // a prime: neighbours in time are none in memory
  const round = (times) => {
    const before = process.cpuUsage();
    for (let turn = 0; turn < times; turn += 1) {
      if (ask((turn * stride) % Math.max(count, LOOKUPS)) !== wanted) throw new Error('an id was not told apart');
    }
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1_000) / times;
  };
  round(LOOKUPS / 10);
  return round(LOOKUPS);
}

function openStore(directory) {
  const schema = { name: 'journal', version: JOURNAL_SCHEMA };
  return openLmdbStore({ directory, durability: 'process', maxBytes: ROOM_BYTES, schema });
}
