import { runbookUrlOf } from '../runbook-url.js';
import { html, type Markup } from './markup.js';

/**
 * From the status page to a runbook.
 * @param base Where the site has its runbooks; null for those of the surface itself.
 */
export function runbookLink(runbook: string, base: string | null): Markup {
  // Without the slash in front, so that it leads there below a path as well.
  const address = runbookUrlOf(runbook, base).replace(/^\//, '');
  return html`<a href="${address}" rel="noreferrer">runbook ${runbook}</a>`;
}
