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
  return `${JSON.stringify(build(board), null, 2)}\n`;
}
