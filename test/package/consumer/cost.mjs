// What importing costs, in a process that has done nothing else: milliseconds, and MiB of memory that it did not have before.
const rssBefore = process.memoryUsage().rss;
const startedAt = performance.now();
await import(process.argv[2] ?? 'feishu-connector');
const ms = Math.round(performance.now() - startedAt);
const mib = Math.round((process.memoryUsage().rss - rssBefore) / 1_048_576);
console.log(JSON.stringify({ ms, mib }));
