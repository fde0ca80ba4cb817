import { createHash } from 'node:crypto';
import type { ConnectorStatus } from '../../connector-status.js';
import type { Phase } from '../readiness.js';
import { appSection } from './app-section.js';
import { BROWSER_SCRIPT } from './browser.js';
import { factsOf, type Tone } from './facts.js';
import type { AppHistory } from './history.js';
import { html, Markup } from './markup.js';
import { STYLE } from './style.js';
import { age, moment } from './words.js';

/** One app as the page shows it. */
export interface PageApp {
  readonly app: string;
  readonly appId: string;
  /** Or why it cannot be read. */
  readonly status: ConnectorStatus | { readonly error: string };
  history(): AppHistory;
}

export interface PageView {
  readonly version: string;
  readonly phase: Phase;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly startedAt: number;
  readonly apps: readonly PageApp[];
  /** Name of the app that is asked for; null for none in particular. */
  readonly wanted: string | null;
}

/** A thousand apps are no list that anybody reads; those that need somebody come first. */
const APPS_LISTED = 200;

/**
 * The headers of the page. It loads nothing, sends nothing to anybody else and is shown in no frame; of scripts and styles
 * only those that are ours run, by their hashes.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `script-src ${hashOf(BROWSER_SCRIPT)}`,
    `style-src ${hashOf(STYLE)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
});

/** The status page, whole: without a script it is as true, and asks again by itself. */
export function page(view: PageView): string {
  const { apps, wanted } = view;
  const [only] = apps;
  const shown = wanted === null ? (apps.length === 1 ? only : undefined) : apps.find(({ app }) => app === wanted);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${titleOf(view)}</title>
<link rel="icon" href="data:,">
<noscript><meta http-equiv="refresh" content="5"></noscript>
<style>${Markup.trusted(STYLE)}</style>
</head>
<body>
<div id="lost" class="lost" hidden><strong id="lost-since" role="alert"></strong> That was <span id="lost-for" aria-hidden="true"></span> ago. Nothing below is known to be true now; it is asked again and again.</div>
<main data-feishu-connector>
${head(view)}
${shown === undefined ? (apps.length === 0 ? null : appTable(apps)) : apps.length > 1 ? appLinks(apps, shown.app) : null}
${wanted !== null && shown === undefined ? html`<p class="bad">There is no app <bdi>${wanted}</bdi>.</p>` : null}
${shown === undefined ? null : section(shown)}
</main>
<script>${Markup.trusted(BROWSER_SCRIPT)}</script>
</body>
</html>
`.toString();
}

function head({ version, phase, at, startedAt, apps }: PageView): Markup {
  return html`<header>
<h1>${apps.length > 1 ? html`<a href="?">feishu-connector</a>` : 'feishu-connector'}</h1>
<p class="faint">${version}, ${phase} for ${age(Math.max(0, at - startedAt))}${apps.length === 0 ? '; no app runs' : null}</p>
<p class="faint">as of ${moment(at)} UTC<span class="answered">, ${age(0)} ago</span></p>
</header>`;
}

function titleOf({ apps, phase }: PageView): string {
  if (phase !== 'running') return `${phase}: feishu-connector`;
  const [only] = apps;
  if (only === undefined) return 'no app: feishu-connector';
  if (apps.length === 1) return `${verdictOf(only).word}: ${only.app}`;
  const wrong = apps.filter((app) => !isWell(app)).length;
  return wrong === 0 ? `all ${apps.length} apps connected` : `wrong: ${wrong} of ${apps.length} apps`;
}

function section({ app, status, history }: PageApp): Markup {
  if (!('error' in status)) return appSection(status, history());
  return html`<section><h2><bdi>${app}</bdi></h2>
<p class="bad">Its status cannot be read: ${status.error}. This is a bug of the connector; please report it with the log.</p></section>`;
}

function isWell(app: PageApp): boolean {
  return ['good', 'warn'].includes(verdictOf(app).tone);
}

/** The first fact that does not hold speaks for all. */
function verdictOf({ status }: PageApp): { readonly tone: Tone; readonly word: string } {
  if ('error' in status) return { tone: 'bad', word: 'unreadable' };
  const [alive, connected, receiving] = factsOf(status);
  if (!alive.is) return { tone: 'bad', word: `loop ${alive.word}` };
  if (!connected.is) return { tone: 'bad', word: connected.word };
  if (!receiving.is) return { tone: 'bad', word: 'not receiving' };
  return connected.tone === 'warn' ? { tone: 'warn', word: 'suspect' } : { tone: 'good', word: 'connected' };
}

/** Those of many that are listed, and a word on the others. */
function listedOf(apps: readonly PageApp[]): readonly [listed: readonly PageApp[], rest: Markup | null] {
  const sorted = [...apps.filter((app) => !isWell(app)), ...apps.filter(isWell)];
  const rest = sorted.slice(APPS_LISTED);
  const wrong = rest.filter((app) => !isWell(app)).length;
  return [
    sorted.slice(0, APPS_LISTED),
    rest.length === 0 ? null : html`<p class="faint">and ${rest.length} more, ${wrong} of them wrong</p>`,
  ];
}

/** The way from one app to the others. */
function appLinks(apps: readonly PageApp[], current: string): Markup {
  const [listed, rest] = listedOf(apps);
  const items = listed.map((app) => {
    const { tone, word } = verdictOf(app);
    return html`<li class="${tone}">${linkTo(app, current)} <span data-claim>${word}</span></li>
`;
  });
  return html`<nav aria-label="apps"><ul>${items}</ul>${rest}</nav>`;
}

/** Where no app is asked for: the three facts of each. */
function appTable(apps: readonly PageApp[]): Markup {
  const [listed, rest] = listedOf(apps);
  return html`<div class="wide"><table aria-label="apps"><thead><tr><th scope="col">app</th><th scope="col">alive</th><th scope="col">connected</th><th scope="col">receiving</th><th scope="col">last event</th><th scope="col">evidence</th></tr></thead><tbody>${listed.map(row)}</tbody></table></div>
${rest}`;
}

function row(app: PageApp): Markup {
  const { status } = app;
  if ('error' in status)
    return html`<tr><td>${linkTo(app, null)}</td><td data-is="alive"><span class="word bad" data-claim>unreadable</span></td><td></td><td></td><td></td><td>${status.error}</td></tr>
`;
  const facts = factsOf(status);
  const cells = facts.map(
    ({ name, tone, word }) => html`<td data-is="${name}"><span class="word ${tone}" data-claim>${word}</span></td>`,
  );
  const [, connected] = facts;
  const { evidence } = facts.find((fact) => !fact.is) ?? connected;
  const { lastEventAt } = status.receiving;
  const last = lastEventAt === null ? html`never` : html`${age(Math.max(0, status.at - lastEventAt))} ago`;
  return html`<tr><td>${linkTo(app, null)}</td>${cells}<td data-is="last event">${last}</td><td>${evidence}</td></tr>
`;
}

function linkTo({ app }: PageApp, current: string | null): Markup {
  const query = new URLSearchParams({ app }).toString(); // unlike encodeURIComponent it takes whatever a name holds
  return html`<a href="?${query}"${app === current ? html` aria-current="page"` : null}><bdi>${app}</bdi></a>`;
}

function hashOf(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
}
