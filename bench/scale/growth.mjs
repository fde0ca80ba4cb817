// How a figure grows with its size.

/**
 * @param points Pairs of a size and the figure at that size.
 * @returns `exponent`: that of the power law nearest to the points, by least squares over logarithms; null for fewer than
 *   two sizes, or a figure that is not above 0 throughout. `each`: what one more costs, from the smallest size to the
 *   largest.
 */
export function growthOf(points) {
  const [first, last] = [points[0], points.at(-1)];
  if (points.length < 2) return { exponent: null, each: null };
  const each = (last[1] - first[1]) / (last[0] - first[0]);
  if (points.some(([, figure]) => !(figure > 0))) return { exponent: null, each };
  const logs = points.map(([size, figure]) => [Math.log(size), Math.log(figure)]);
  const [middleX, middleY] = [0, 1].map((axis) => logs.reduce((sum, log) => sum + log[axis], 0) / logs.length);
  const along = logs.reduce((sum, [x, y]) => sum + (x - middleX) * (y - middleY), 0);
  return { exponent: along / logs.reduce((sum, [x]) => sum + (x - middleX) ** 2, 0), each };
}
