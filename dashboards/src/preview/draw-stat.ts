import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Asked } from './asked.js';
import { fieldOf, nameOf, shown } from './field.js';
import { type Box, inkOn, inset, rect, THEME, text, widthOf } from './svg.js';

/** One tile per series. */
export function drawStat(panel: Panel, asked: readonly Asked[], box: Box): string {
  const tiles = asked.flatMap(({ target, series }) =>
    series.map((each) => ({
      name: nameOf(each, target),
      ...shown(numberOf(each.value?.[1]), fieldOf(panel, { refId: target.refId })),
    })),
  );
  if (tiles.length === 0) {
    const words = panel.fieldConfig?.defaults.noValue ?? 'No data';
    return text(box.x + box.w / 2, box.y + box.h / 2 + 8, words, { size: 24, color: THEME.faint, anchor: 'middle' });
  }
  const isFilled = panel.options?.colorMode === 'background_solid';
  const columns = box.w / tiles.length >= 90 || tiles.length <= 2 ? tiles.length : 2;
  const [w, h] = [box.w / columns, box.h / Math.ceil(tiles.length / columns)];
  // One size for all, as they are read side by side.
  const size = Math.min(h * 0.42, 44, ...tiles.map((tile) => (w - 20) / widthOf(tile.text, 1)));
  return tiles
    .map((tile, i) => {
      const place = inset({ x: box.x + (i % columns) * w, y: box.y + Math.floor(i / columns) * h, w, h }, 2);
      const ink = isFilled ? inkOn(tile.color) : tile.color;
      const middle = place.x + place.w / 2;
      const isNamed = tile.name !== '' && place.h > 40;
      const base = place.y + place.h / 2 + size * (isNamed ? 0.62 : 0.36);
      return [
        isFilled ? rect(place, tile.color, { rx: 3 }) : '',
        isNamed
          ? text(middle, base - size - 2, tile.name, {
              size: 13,
              color: isFilled ? ink : THEME.text,
              anchor: 'middle',
              maxWidth: place.w - 10,
            })
          : '',
        text(middle, base, tile.text, { size, color: ink, anchor: 'middle', weight: 500 }),
      ].join('');
    })
    .join('');
}

function numberOf(value: string | undefined): number | null {
  return value === undefined ? null : Number(value);
}
