export { type Answer, pathOf, type Question, questionsOf, type Sample, type Series, type TimeRange } from './answer.js';
export { type PreviewOptions, renderPreview } from './preview.js';
