export { MountedPanel, PANEL_PATH } from './panel.js';
export { Recording, record } from './record.js';
export { addPageRoutes } from './routes.js';
