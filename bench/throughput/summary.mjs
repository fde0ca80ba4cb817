// Numbers of rounds to what is told of them.

/** The median, and the quartiles beside it. */
export function summaryOf(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return { median: medianOf(sorted), lower: quantile(sorted, 0.25), upper: quantile(sorted, 0.75) };
}

function medianOf(sorted) {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Rows of cells as lines: the first column to the left, the others to the right. */
export function tableOf(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
