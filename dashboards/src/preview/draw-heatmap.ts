import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Asked, pointsOf } from './asked.js';
import { format } from './format.js';
import { nothing, plotBox, type Scene, timeAxis, xOf } from './plot.js';
import { type Box, rect, THEME, text, widthOf } from './svg.js';

/** Observations per bucket and step: the brighter, the more. */
export function drawHeatmap(panel: Panel, asked: readonly Asked[], box: Box, scene: Scene): string {
  const { range } = scene;
  const stepSeconds = asked[0]?.stepSeconds ?? range.stepSeconds;
  const buckets = asked
    .flatMap(({ series }) => series)
    .map((each) => ({ bound: Number((each.metric.le ?? '').replace('+Inf', 'Infinity')), points: pointsOf(each) }))
    .filter(({ bound }) => !Number.isNaN(bound))
    .sort((a, b) => a.bound - b.bound);
  const cells = buckets.flatMap(({ points }, row) => {
    const below = new Map(buckets[row - 1]?.points.map(({ at, value }) => [at, value]));
    // Prometheus' buckets are cumulative; what rounding leaves of an empty one is nothing.
    return points
      .map(({ at, value }) => ({ row, at, count: value - (below.get(at) ?? 0) }))
      .filter(({ count }) => count > 1e-9);
  });
  const unit: string = panel.options?.yAxis?.unit ?? 'none';
  const labels = buckets.map(({ bound }) => (bound === Number.POSITIVE_INFINITY ? '+Inf' : format(bound, unit)));
  const left = Math.max(28, ...labels.map((label) => widthOf(label, 11) + 10));
  const plot = plotBox(box, left, 0);
  if (cells.length === 0) return [timeAxis(plot, scene), nothing(plot, 'No data')].join('');
  const most = Math.max(...cells.map(({ count }) => count));
  const height = plot.h / buckets.length;
  const width = (plot.w * stepSeconds) / (range.end - range.start);
  const every = Math.ceil(14 / height);
  return [
    timeAxis(plot, scene),
    ...labels.map((label, row) =>
      row % every === 0
        ? text(plot.x - 6, plot.y + plot.h - (row + 0.5) * height + 4, label, {
            size: 11,
            color: THEME.faint,
            anchor: 'end',
          })
        : '',
    ),
    ...cells.map(({ row, at, count }) => {
      const x = Math.max(xOf(at, range, plot) - width, plot.x);
      const cell = { x, y: plot.y + plot.h - (row + 1) * height, w: width, h: height };
      return rect({ ...cell, w: Math.max(cell.w - 0.5, 1), h: cell.h - 1 }, shade(Math.sqrt(count / most)));
    }),
  ].join('');
}

/** From dark to bright orange. */
function shade(share: number): string {
  const [low, high] = [
    [0x5a, 0x2d, 0x0c],
    [0xff, 0xc0, 0x70],
  ] as const;
  const mix = low.map((from, i) => Math.round(from + ((high[i] ?? from) - from) * Math.min(Math.max(share, 0), 1)));
  return `#${mix.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}
