import type { ConnectorStatus } from '../../connector-status.js';
import type { Unread } from '../readiness.js';
import { CONCERN_WORDS, type Concern } from './concerns.js';
import { factsOf, type Tone } from './facts.js';
import { html, type Markup } from './markup.js';
import { age } from './words.js';

/** What is needed of an app to list it. */
export interface ListedApp {
  readonly app: string;
  readonly appId: string;
  /** Or why it cannot be read. */
  readonly status: ConnectorStatus | Unread;
  /** The worst first. */
  readonly concerns: readonly Concern[];
}

/** In a word, how an app is. */
export interface AppVerdict {
  readonly tone: Tone;
  readonly word: string;
}

/** A thousand apps are no list that anybody reads; those that need somebody come first. */
const APPS_LISTED = 200;
/** More than that are found by their names, and not all named above each of them. */
const APPS_LINKED = 12;

/** The first fact that does not hold speaks for all; where all hold, the worst of what is wrong beside them. */
export function verdictOf({ status, concerns }: ListedApp): AppVerdict {
  if ('error' in status) return { tone: 'bad', word: unreadWord(status) };
  const [alive, connected, receiving] = factsOf(status);
  if (!alive.is) return { tone: 'bad', word: `loop ${alive.word}` };
  if (!connected.is) return { tone: 'bad', word: connected.word };
  if (!receiving.is) return { tone: 'bad', word: 'not receiving' };
  if (concerns.some(({ tone }) => tone === 'bad')) return { tone: 'bad', word: 'wrong' };
  if (concerns.length > 0) return { tone: 'warn', word: 'to look at' };
  return connected.tone === 'warn' ? { tone: 'warn', word: 'suspect' } : { tone: 'good', word: 'connected' };
}

function unreadWord({ hasStarted }: Unread): string {
  return hasStarted ? 'unreadable' : 'not started';
}

/** Somebody is needed now. */
export function isWrong(app: ListedApp): boolean {
  return verdictOf(app).tone === 'bad';
}

/** Nobody is needed at once. A suspicion alone is over in seconds, one way or the other. */
export function isLookedAt(app: ListedApp): boolean {
  return !isWrong(app) && app.concerns.length > 0;
}

function isWell(app: ListedApp): boolean {
  return !isWrong(app) && !isLookedAt(app);
}

/** Those that need somebody first. */
function worstFirst<App extends ListedApp>(apps: readonly App[]): readonly App[] {
  return [isWrong, isLookedAt, isWell].flatMap((isSo) => apps.filter(isSo));
}

/** The way from one app to the others. */
export function appLinks(apps: readonly ListedApp[], current: string): Markup {
  const isFew = apps.length <= APPS_LINKED;
  const linked = isFew
    ? apps
    : [
        ...apps.filter(({ app }) => app === current),
        ...worstFirst(apps).filter((each) => each.app !== current && !isWell(each)),
      ];
  const items = linked.slice(0, APPS_LINKED).map((app) => {
    const { tone, word } = verdictOf(app);
    return html`<li class="${tone}" data-key="${queryOf(app)}">${linkTo(app, current)} <span data-claim>${word}</span></li>
`;
  });
  const all = html`<li><a href="?">all ${apps.length} apps</a></li>`;
  return html`<nav aria-label="apps"><ul>${all}${items}</ul></nav>`;
}

/** Where no app is asked for: the three facts of each, those that need somebody first. @param find Part of a name or id. */
export function appTable(apps: readonly ListedApp[], find: string | null): Markup {
  const wanted = (find ?? '').trim().toLowerCase();
  const found = apps.filter(({ app, appId }) => `${app}\n${appId}`.toLowerCase().includes(wanted));
  const sorted = worstFirst(found);
  const rest = sorted.slice(APPS_LISTED);
  const wrong = rest.filter(isWrong).length;
  const heads = ['app', 'alive', 'connected', 'receiving', 'last event', 'waits', 'evidence'];
  return html`<h2 id="apps">${summary(apps)}</h2>
${apps.length > APPS_LINKED ? searchForm(find, found.length) : null}
${sorted.length === 0 ? html`<p>No app has that in its name or id.</p>` : null}<div class="wide apps" role="region" aria-labelledby="apps" tabindex="0"${sorted.length === 0 ? html` hidden` : null}><table aria-labelledby="apps"><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${sorted.slice(0, APPS_LISTED).map(row)}</tbody></table></div>
${rest.length === 0 ? null : html`<p class="faint">and ${rest.length} more, ${wrong} of them wrong</p>`}`;
}

/** `200 apps: 2 waiting, 198 connected`. */
function summary(apps: readonly ListedApp[]): string {
  const counts = new Map<string, number>();
  for (const app of worstFirst(apps)) {
    const { word } = verdictOf(app);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return `${apps.length} apps: ${[...counts].map(([word, count]) => `${count} ${word}`).join(', ')}`;
}

/** It asks the daemon, so that it finds what is not listed, and needs no script. */
function searchForm(find: string | null, count: number): Markup {
  const told = find ? html` <span role="status">${count} found</span> <a href="?">show all</a>` : null;
  return html`<form role="search" method="get" action=""><label for="find">Name or id</label> <input id="find" type="search" name="find" maxlength="100" value="${find ?? ''}"> <button>Find</button>${told}</form>`;
}

function row(app: ListedApp): Markup {
  const { status, concerns } = app;
  if ('error' in status)
    return html`<tr data-key="${queryOf(app)}"><td>${linkTo(app, null)}</td><td data-is="alive"><span class="word bad" data-claim>${unreadWord(status)}</span></td><td></td><td></td><td></td><td></td><td>${status.error}</td></tr>
`;
  const facts = factsOf(status);
  const cells = facts.map(
    ({ name, tone, word }) => html`<td data-is="${name}"><span class="word ${tone}" data-claim>${word}</span></td>`,
  );
  const [, connected] = facts;
  const { evidence, ageMs } = facts.find((fact) => !fact.is) ?? connected;
  const { lastEventAt } = status.receiving;
  const last = lastEventAt === null ? html`never` : html`${age(Math.max(0, status.at - lastEventAt))} ago`;
  const proof = ageMs === null ? null : html`, ${age(ageMs)} ago`;
  const isUnwell = !isWell(app);
  return html`<tr data-key="${queryOf(app)}"${isUnwell ? null : html` class="well"`}><td>${linkTo(app, null)}</td>${cells}<td data-is="last event">${last}</td><td data-is="waits">${waiting(status)}</td><td>${evidence}${proof}${concernWords(concerns)}</td></tr>
`;
}

/** The worst, with the word that its page has for it; the others are told there. */
function concernWords([worst, ...others]: readonly Concern[]): Markup | null {
  if (worst === undefined) return null;
  const more = others.length === 0 ? null : html` <span class="faint">and ${others.length} more</span>`;
  return html`<p><span class="word ${worst.tone}">${CONCERN_WORDS[worst.tone]}</span> ${worst.says}${more}</p>`;
}

/** What of an app waits for its handlers, or for a human. */
function waiting({ delivery: { pending, deadLetters } }: ConnectorStatus): Markup {
  const dead = deadLetters === 0 ? null : html` <span class="word warn">${deadLetters} dead</span>`;
  return html`${pending}${dead}`;
}

function linkTo({ app }: ListedApp, current: string | null): Markup {
  return html`<a href="?${queryOf({ app })}"${app === current ? html` aria-current="page"` : null}><bdi>${app}</bdi></a>`;
}

/** What an app is asked for with, and known by as the list changes. */
function queryOf({ app }: Pick<ListedApp, 'app'>): string {
  return new URLSearchParams({ app }).toString(); // unlike encodeURIComponent it takes whatever a name holds
}
