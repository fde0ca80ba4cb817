export type { AppHistory, PastAttempt } from './history.js';
export { MountedPanel, PANEL_PATH, type Panel, type PanelButton } from './panel.js';
export { type PastOutage, type PastSpan, STANDINGS, type Standing } from './past.js';
export { type RecordedApp, Recording, record } from './record.js';
export { addPageRoutes, standingOf, toldConcerns } from './routes.js';
export { addRunbookRoutes } from './runbook-routes.js';
export { runsOf, windowWords } from './timeline.js';
export { bytes, counted, trip } from './words.js';
