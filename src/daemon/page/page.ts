import { createHash } from 'node:crypto';
import type { ConnectorStatus } from '../../connector-status.js';
import type { Phase } from '../readiness.js';
import { appSection } from './app-section.js';
import { BROWSER_SCRIPT } from './browser.js';
import { factsOf } from './facts.js';
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
${apps.length > 1 ? appList(apps, shown?.app ?? null) : null}
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
<h1>feishu-connector</h1>
<p class="faint">${version}, ${phase} for ${age(Math.max(0, at - startedAt))}${apps.length === 0 ? '; no app runs' : null}</p>
<p class="faint">as of ${moment(at)} UTC, <span class="answered">${age(0)} ago</span></p>
</header>`;
}

function titleOf({ apps, phase }: PageView): string {
  const isWrong = apps.filter((app) => !isConnected(app)).length;
  if (phase !== 'running') return `${phase}: feishu-connector`;
  if (apps.length === 0) return 'no app: feishu-connector';
  if (isWrong === 0) return 'connected: feishu-connector';
  return apps.length === 1
    ? 'not connected: feishu-connector'
    : `${isWrong} of ${apps.length} not connected: feishu-connector`;
}

function section({ app, status, history }: PageApp): Markup {
  if (!('error' in status)) return appSection(status, history());
  return html`<section><h2><bdi>${app}</bdi></h2>
<p class="bad">Its status cannot be read: ${status.error}. This is a bug of the connector; please report it with the log.</p></section>`;
}

function isConnected({ status }: PageApp): boolean {
  if ('error' in status) return false;
  return factsOf(status).every((fact) => fact.is);
}

function appList(apps: readonly PageApp[], current: string | null): Markup {
  const sorted = [...apps.filter((app) => !isConnected(app)), ...apps.filter(isConnected)];
  const rest = sorted.slice(APPS_LISTED);
  const wrong = rest.filter((app) => !isConnected(app)).length;
  return html`<nav aria-label="apps"><ul>${sorted.slice(0, APPS_LISTED).map((app) => listed(app, app.app === current))}</ul>
${rest.length === 0 ? null : html`<p>and ${rest.length} more, of which ${wrong} are not connected</p>`}</nav>`;
}

function listed({ app, status }: PageApp, isCurrent: boolean): Markup {
  const query = new URLSearchParams({ app }).toString(); // unlike encodeURIComponent it takes whatever a name holds
  const [tone, word] = 'error' in status ? ['bad', 'unreadable'] : toneOf(status);
  return html`<li class="${tone}"><a href="?${query}"${isCurrent ? html` aria-current="page"` : null}><bdi>${app}</bdi></a> <span data-claim>${word}</span></li>
`;
}

/** The first fact that does not hold speaks for all. */
function toneOf(status: ConnectorStatus): readonly [tone: string, word: string] {
  const [alive, connected, receiving] = factsOf(status);
  if (!alive.is) return ['bad', `loop ${alive.word}`];
  if (!connected.is) return ['bad', connected.word];
  if (!receiving.is) return ['bad', 'not receiving'];
  return connected.tone === 'warn' ? ['warn', 'suspect'] : ['good', 'connected'];
}

function hashOf(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
}
