// What this process takes, after its garbage is collected: needs --expose-gc. What lies in typed arrays counts as heap,
// since it is as much the program's own.

export function heapAndRssMb() {
  for (let pass = 0; pass < 4; pass += 1) globalThis.gc();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heapMb: (heapUsed + arrayBuffers) / 2 ** 20, rssMb: rss / 2 ** 20 };
}
