import { concernsOf } from './concerns.js';
import { factsOf } from './facts.js';
import { html } from './markup.js';
import { now } from './now.js';
import { gapTable } from './outside.js';
import { figures, timelines } from './past-section.js';
import { attemptTable, letterTable, outageTable } from './tables.js';
import { age } from './words.js';
/** Everything that is known of one app. */
export function appSection({ status, history, letters, runbookUrl, panel }) {
    const { app, appId, domain } = status;
    return html `<section aria-labelledby="app">
<h2 id="app"><bdi>${app}</bdi></h2>
<p class="faint"><bdi>${appId}</bdi> at <bdi>${domain}</bdi></p>
<div class="facts">${factsOf(status).map(factCard)}</div>
${concernList(concernsOf(status, history), runbookUrl)}
${timelines(history)}
${panel}
${figures(history)}
${now(status, history)}
${outageTable(history)}
${gapTable(status)}
${attemptTable(history)}
${letterTable(letters, app, status.at)}
</section>
`;
}
function factCard({ name, tone, word, evidence, ageMs }) {
    const ago = ageMs === null ? html `evidence: none yet` : html `evidence ${age(ageMs)} ago`;
    return html `<div class="fact ${tone}"><h3>${name}</h3>
<p class="claim" data-claim>${word}</p>
<p>${evidence}</p>
<p class="faint">${ago}</p></div>
`;
}
function concernList(concerns, runbookUrl) {
    if (concerns.length === 0)
        return null;
    const items = concerns.map(({ tone, says, runbook }) => html `<li class="${tone}"><strong>${tone === 'bad' ? 'wrong' : 'look'}</strong> <span>${says}</span> <a href="${runbookUrl}/${runbook}.md" rel="noreferrer">runbook ${runbook}</a></li>
`);
    return html `<h3 id="concerns">What is wrong, and the runbook for it</h3>
<ul class="concerns" aria-labelledby="concerns">${items}</ul>`;
}
