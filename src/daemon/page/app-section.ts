import type { ConnectorStatus } from '../../connector-status.js';
import { CONCERN_WORDS, type Concern } from './concerns.js';
import { factsOf, type ShownFact } from './facts.js';
import type { AppHistory } from './history.js';
import { html, type Markup } from './markup.js';
import { now } from './now.js';
import { gapTable } from './outside.js';
import { figures, timelines } from './past-section.js';
import { runbookLink } from './runbook-link.js';
import { attemptTable, letterTable, outageTable, type ShownLetters } from './tables.js';
import { age } from './words.js';

/** What the section of an app is made from. */
export interface SectionParts {
  readonly status: ConnectorStatus;
  readonly history: AppHistory;
  readonly concerns: readonly Concern[];
  readonly letters: ShownLetters | null;
  /** Null for the runbooks of the surface itself. */
  readonly runbookUrl: string | null;
  /** The demo's buttons, beside what they lead to; null everywhere else. */
  readonly panel: Markup | null;
}

/** Everything that is known of one app. */
export function appSection({ status, history, concerns, letters, runbookUrl, panel }: SectionParts): Markup {
  const { app, appId, domain } = status;
  // Each has a place of its own, whether there is anything in it: what comes and goes moves nothing else, and so whatever
  // is pressed, unfolded or scrolled stays that.
  const parts = [
    concernList(concerns, runbookUrl),
    timelines(history),
    panel,
    figures(history),
    now(status, history),
    outageTable(history),
    gapTable(status),
    attemptTable(history),
    letterTable(letters, app, status.at),
  ];
  return html`<section aria-labelledby="app">
<h2 id="app"><bdi>${app}</bdi></h2>
<p class="faint"><bdi>${appId}</bdi> at <bdi>${domain}</bdi></p>
<div class="facts">${factsOf(status).map(factCard)}</div>
${parts.map((part) => html`<div data-part>${part}</div>\n`)}</section>
`;
}

function factCard({ name, tone, word, evidence, ageMs }: ShownFact): Markup {
  const ago = ageMs === null ? html`evidence: none yet` : html`evidence ${age(ageMs)} ago`;
  return html`<div class="fact ${tone}"><h3>${name}</h3>
<p class="claim" data-claim>${word}</p>
<p>${evidence}</p>
<p class="faint">${ago}</p></div>
`;
}

function concernList(concerns: readonly Concern[], runbookUrl: string | null): Markup | null {
  if (concerns.length === 0) return null;
  const items = concerns.map(
    ({ tone, says, runbook }) =>
      html`<li class="${tone}"><strong>${CONCERN_WORDS[tone]}</strong> <span>${says}</span> ${runbookLink(runbook, runbookUrl)}</li>
`,
  );
  return html`<h3 id="concerns">What is wrong, and the runbook for it</h3>
<ul class="concerns" aria-labelledby="concerns">${items}</ul>`;
}
