import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { BOARDS, jsonOf } from '../../dashboards/src/boards.js';

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant?: boolean;
  readonly range?: boolean;
  readonly format: string;
  readonly exemplar?: boolean;
  readonly datasource: { readonly type: string; readonly uid: string };
}

/** The boards as Grafana reads them: what JSON keeps of the objects that were built. */
export const DASHBOARDS: readonly Dashboard[] = BOARDS.map((board) => JSON.parse(jsonOf(board)) as Dashboard);

export interface Placed {
  readonly board: string;
  /** `feishu-overview 3 Firing alerts`, for messages. */
  readonly where: string;
  readonly panel: Panel;
  readonly targets: readonly Target[];
}

export function isRow(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === 'row';
}

/** Every panel of every board, rows left out. */
export const PANELS: readonly Placed[] = DASHBOARDS.flatMap((dashboard) =>
  (dashboard.panels ?? []).flatMap((panel) =>
    isRow(panel)
      ? []
      : [
          {
            board: dashboard.uid ?? '',
            where: `${dashboard.uid} ${panel.id} ${panel.title}`,
            panel,
            targets: (panel.targets ?? []) as unknown as Target[],
          },
        ],
  ),
);

export interface PlacedQuery {
  readonly where: string;
  readonly expr: string;
}

/** Every expression of every board: panels and annotations. */
export const QUERIES: readonly PlacedQuery[] = [
  ...PANELS.flatMap(({ where, targets }) => targets.map(({ refId, expr }) => ({ where: `${where} ${refId}`, expr }))),
  ...DASHBOARDS.flatMap(({ uid, annotations }) =>
    (annotations.list ?? []).map(({ name, expr }) => ({ where: `${uid} annotation ${name}`, expr: expr ?? '' })),
  ),
];
