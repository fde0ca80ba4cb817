import { DashboardLinkPlacement } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Board, build } from './board.js';
import { CONNECTION_BOARD } from './connection.js';
import { EVENTS } from './events.js';
import { OBJECTIVES } from './objectives.js';
import { OVERVIEW } from './overview.js';

/** The boards, one question each, in the order one asks them. */
export const BOARDS: readonly Board[] = [OVERVIEW, CONNECTION_BOARD, EVENTS, OBJECTIVES];

/** The committed file of a board, relative to `dashboards/`. */
export function fileOf({ uid }: Board): string {
  return `${uid}.json`;
}

/** What that file holds. */
export function jsonOf(board: Board): string {
  return `${JSON.stringify(build(board), withoutPlacement, 2)}\n`;
}

/** The SDK puts every link and annotation into a closed menu; without its word they stand in the head of the board. */
function withoutPlacement(key: string, value: unknown): unknown {
  return key === 'placement' && value === DashboardLinkPlacement.InControlsMenu ? undefined : value;
}
