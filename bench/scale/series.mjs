// What grows, in which sizes, and what is measured at each.

import { startChild } from '../throughput/call.mjs';

const EVENTS_PER_SECOND = 200;
/** Keys that are filled at a time: a matter of seconds. */
const BATCH = 50_000;

const PROCESS_FIGURES = {
  rssMb: { title: 'memory, MB', digits: 1 },
  heapMb: { title: 'of which heap, MB', digits: 1 },
  idleCpuPercent: { title: 'CPU idle, % of a core', digits: 2 },
  busyCpuPercent: { title: `CPU at ${EVENTS_PER_SECOND} events/s, %`, digits: 1 },
  scrapeMb: { title: 'a scrape, MB', digits: 3 },
  scrapeMs: { title: 'scrape, ms', digits: 1 },
  scrapeCpuMs: { title: 'scrape, CPU ms', digits: 1 },
  blockMs: { title: 'longest block by it, ms', digits: 1 },
  blockCpuMs: { title: '… by CPU time, ms', digits: 1 },
  busyBlockCpuMs: { title: '… while busy, ms', digits: 1 },
  promClientMs: { title: 'registry.metrics(), ms', digits: 1 },
};

/** By name. `measure(size, { seconds, directory })` resolves with the figures, and rejects if something breaks. */
export const SERIES = {
  apps: {
    what: 'apps in one process, one registry',
    unit: 'apps',
    sizes: [1, 10, 50, 200],
    shortSizes: [1, 3],
    figures: PROCESS_FIGURES,
    measure: (apps, at) => measureProcess({ apps, connections: 1 }, at),
  },
  connections: {
    what: 'connections of one app from one process',
    unit: 'connections',
    sizes: [1, 10, 50],
    shortSizes: [1, 3],
    figures: PROCESS_FIGURES,
    measure: (connections, at) => measureProcess({ apps: 1, connections }, at),
  },
  ids: {
    what: 'ids of handled events, remembered in memory',
    unit: 'ids',
    sizes: [1, 100, 10_000, 100_000, 1_000_000],
    shortSizes: [1, 1_000],
    figures: {
      heapMb: { title: 'heap added, MB', digits: 1 },
      bytesPerId: { title: 'bytes of each', digits: 0 },
      hitNs: { title: 'known again, ns', digits: 0 },
      missNs: { title: 'found new, ns', digits: 0 },
      addNs: { title: 'remembered in a full memory, ns', digits: 0 },
    },
    measure: measureIds,
  },
  journal: {
    what: 'ids of handled events in a journal',
    unit: 'ids',
    sizes: [1, 1_000, 100_000, 1_000_000],
    shortSizes: [1, 1_000],
    figures: {
      diskMb: { title: 'on disk, MB', digits: 1 },
      openMs: { title: 'opened in, ms', digits: 1 },
      heapMb: { title: 'heap of the open one, MB', digits: 2 },
      rssMb: { title: 'memory with what was read, MB', digits: 1 },
      hitNs: { title: 'known again, ns', digits: 0 },
      missNs: { title: 'found new, ns', digits: 0 },
    },
    measure: measureJournal,
  },
};

async function measureProcess({ apps, connections }, { seconds }) {
  const platform = startChild('../scale/platform.mjs');
  const subject = startChild('../scale/subject.mjs', [], ['--expose-gc']);
  try {
    const appIds = Array.from({ length: apps }, (_, index) => `cli_${String(index).padStart(16, '0')}`);
    const { url } = await platform.ask('listen', { appIds });
    await subject.ask('connect', { url, appIds, connections });
    const memory = await subject.ask('memory');
    const idleCpuPercent = await subject.ask('watch', { seconds });
    const idle = await subject.ask('scrape');
    const [busyCpuPercent, busy, { sent }] = await Promise.all([
      subject.ask('watch', { seconds }),
      subject.ask('scrape'),
      platform.ask('send', { perSecond: EVENTS_PER_SECOND, seconds }),
    ]);
    const { handled } = await subject.ask('handled', { count: sent });
    const { acknowledged } = await platform.ask('ledger');
    if (sent === 0 || handled !== sent || acknowledged !== sent) {
      throw new Error(`of ${sent} events ${handled} were handled and ${acknowledged} acknowledged`);
    }
    await subject.ask('stop');
    return { ...memory, idleCpuPercent, busyCpuPercent, ...idle, busyBlockCpuMs: busy.blockCpuMs };
  } finally {
    await subject.stop();
    await platform.stop();
  }
}

async function measureIds(count) {
  const subject = startChild('../scale/memory.mjs', [], ['--expose-gc']);
  try {
    return await subject.ask('ids', { count });
  } finally {
    await subject.stop();
  }
}

/** Filled by one process and opened by another, whose memory is then that of reading alone. */
async function measureJournal(count, { directory }) {
  const writer = startChild('../scale/memory.mjs');
  try {
    for (let from = 0; from < count; from += BATCH) {
      await writer.ask('fill', { directory, from, to: Math.min(count, from + BATCH) });
    }
    await writer.ask('closeStore');
  } finally {
    await writer.stop();
  }
  const reader = startChild('../scale/memory.mjs', [], ['--expose-gc']);
  try {
    return await reader.ask('journal', { directory, count });
  } finally {
    await reader.stop();
  }
}
