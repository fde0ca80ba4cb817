import { factsOf } from './facts.js';
import { html } from './markup.js';
import { age } from './words.js';
/** A thousand apps are no list that anybody reads; those that need somebody come first. */
const APPS_LISTED = 200;
/** More than that are found by their names, and not all named above each of them. */
const APPS_LINKED = 12;
/** The first fact that does not hold speaks for all. */
export function verdictOf({ status }) {
    if ('error' in status)
        return { tone: 'bad', word: 'unreadable' };
    const [alive, connected, receiving] = factsOf(status);
    if (!alive.is)
        return { tone: 'bad', word: `loop ${alive.word}` };
    if (!connected.is)
        return { tone: 'bad', word: connected.word };
    if (!receiving.is)
        return { tone: 'bad', word: 'not receiving' };
    return connected.tone === 'warn' ? { tone: 'warn', word: 'suspect' } : { tone: 'good', word: 'connected' };
}
export function isWell(app) {
    return ['good', 'warn'].includes(verdictOf(app).tone);
}
/** The way from one app to the others. */
export function appLinks(apps, current) {
    const isFew = apps.length <= APPS_LINKED;
    const linked = isFew
        ? apps
        : [...apps.filter(({ app }) => app === current), ...apps.filter((each) => each.app !== current && !isWell(each))];
    const items = linked.slice(0, APPS_LINKED).map((app) => {
        const { tone, word } = verdictOf(app);
        return html `<li class="${tone}">${linkTo(app, current)} <span data-claim>${word}</span></li>
`;
    });
    const all = html `<li><a href="?">all ${apps.length} apps</a></li>`;
    return html `<nav aria-label="apps"><ul>${all}${items}</ul></nav>`;
}
/** Where no app is asked for: the three facts of each, those that need somebody first. @param find Part of a name or id. */
export function appTable(apps, find) {
    const wanted = (find ?? '').trim().toLowerCase();
    const found = apps.filter(({ app, appId }) => `${app}\n${appId}`.toLowerCase().includes(wanted));
    const sorted = [...found.filter((app) => !isWell(app)), ...found.filter(isWell)];
    const rest = sorted.slice(APPS_LISTED);
    const wrong = rest.filter((app) => !isWell(app)).length;
    const heads = ['app', 'alive', 'connected', 'receiving', 'last event', 'waits', 'evidence'];
    return html `<h2 id="apps">${summary(apps)}</h2>
${apps.length > APPS_LINKED ? searchForm(find, found.length) : null}
<div class="wide" role="region" aria-labelledby="apps" tabindex="0"><table aria-labelledby="apps"><thead><tr>${heads.map((head) => html `<th scope="col">${head}</th>`)}</tr></thead><tbody>${sorted.slice(0, APPS_LISTED).map(row)}</tbody></table></div>
${rest.length === 0 ? null : html `<p class="faint">and ${rest.length} more, ${wrong} of them wrong</p>`}`;
}
/** `200 apps: 2 waiting, 198 connected`. */
function summary(apps) {
    const counts = new Map();
    for (const app of [...apps.filter((each) => !isWell(each)), ...apps.filter(isWell)]) {
        const { word } = verdictOf(app);
        counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    return `${apps.length} apps: ${[...counts].map(([word, count]) => `${count} ${word}`).join(', ')}`;
}
/** It asks the daemon, so that it finds what is not listed, and needs no script. */
function searchForm(find, count) {
    const told = find ? html ` <span role="status">${count} found</span> <a href="?">show all</a>` : null;
    return html `<form role="search" method="get" action=""><label for="find">Name or id</label> <input id="find" type="search" name="find" maxlength="100" value="${find ?? ''}"> <button>Find</button>${told}</form>`;
}
function row(app) {
    const { status } = app;
    if ('error' in status)
        return html `<tr><td>${linkTo(app, null)}</td><td data-is="alive"><span class="word bad" data-claim>unreadable</span></td><td></td><td></td><td></td><td></td><td>${status.error}</td></tr>
`;
    const facts = factsOf(status);
    const cells = facts.map(({ name, tone, word }) => html `<td data-is="${name}"><span class="word ${tone}" data-claim>${word}</span></td>`);
    const [, connected] = facts;
    const { evidence, ageMs } = facts.find((fact) => !fact.is) ?? connected;
    const { lastEventAt } = status.receiving;
    const last = lastEventAt === null ? html `never` : html `${age(Math.max(0, status.at - lastEventAt))} ago`;
    const proof = ageMs === null ? null : html `, ${age(ageMs)} ago`;
    return html `<tr><td>${linkTo(app, null)}</td>${cells}<td data-is="last event">${last}</td><td data-is="waits">${waiting(status)}</td><td>${evidence}${proof}</td></tr>
`;
}
/** What of an app waits for its handlers, or for a human. */
function waiting({ delivery: { pending, deadLetters } }) {
    const dead = deadLetters === 0 ? null : html ` <span class="word warn">${deadLetters} dead</span>`;
    return html `${pending}${dead}`;
}
function linkTo({ app }, current) {
    const query = new URLSearchParams({ app }).toString(); // unlike encodeURIComponent it takes whatever a name holds
    return html `<a href="?${query}"${app === current ? html ` aria-current="page"` : null}><bdi>${app}</bdi></a>`;
}
