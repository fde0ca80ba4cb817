export type { AppHistory, PastAttempt, PastOutage, Standing } from './history.js';
export { type RecordedApp, record } from './record.js';
export { addPageRoutes } from './routes.js';
