// What this process takes, after its garbage is collected: needs --expose-gc.

export function heapAndRssMb() {
  for (let pass = 0; pass < 4; pass += 1) globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapMb: heapUsed / 2 ** 20, rssMb: rss / 2 ** 20 };
}
