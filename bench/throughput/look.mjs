/** What this process took since it was made: milliseconds, CPU milliseconds of all its threads, and megabytes as it is now. */
export function lookNow() {
  const { user, system } = process.cpuUsage();
  return { ms: performance.now(), cpuMs: (user + system) / 1_000, rssMb: process.memoryUsage.rss() / 1_048_576 };
}
