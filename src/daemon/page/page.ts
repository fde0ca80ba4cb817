import type { ConnectorStatus } from '../../connector-status.js';
import type { ConfigurationStanding } from '../configuration-in-force.js';
import type { Phase } from '../readiness.js';
import { appLinks, appTable, isLookedAt, isWrong, type ListedApp, verdictOf } from './app-list.js';
import { appSection } from './app-section.js';
import { BROWSER_SCRIPT } from './browser.js';
import { CONCERN_WORDS } from './concerns.js';
import type { Tone } from './facts.js';
import { headersOf } from './headers.js';
import type { AppHistory } from './history.js';
import { iconOf } from './icon.js';
import { html, Markup } from './markup.js';
import { type MountedPanel, PANEL_SCRIPT } from './panel.js';
import { runbookLink } from './runbook-link.js';
import { STYLE } from './style.js';
import type { ShownLetters } from './tables.js';
import { age, moment } from './words.js';

/** One app as the page shows it. */
export interface PageApp extends ListedApp {
  history(): AppHistory;
  /** Null without a journal, or while it is not open. */
  letters(): ShownLetters | null;
}

export interface PageView {
  readonly version: string;
  readonly phase: Phase;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly startedAt: number;
  /** Why a newer configuration is not in force; null where the latest that was given is. */
  readonly refused: ConfigurationStanding['refused'];
  readonly apps: readonly PageApp[];
  /** Name of the app that is asked for; null for none in particular. */
  readonly wanted: string | null;
  /** Part of the name or id of those to be listed; null for all. */
  readonly find: string | null;
  /** Where the site has its runbooks, without a slash at the end; null for those of the surface itself. */
  readonly runbookUrl: string | null;
  /** The demo's buttons; null everywhere else. */
  readonly panel: Pick<MountedPanel, 'show'> | null;
}

/** The headers of the status page, see {@link headersOf}. */
export function pageHeaders(hasPanel: boolean): Readonly<Record<string, string>> {
  return headersOf({ styles: [STYLE], scripts: [BROWSER_SCRIPT, ...(hasPanel ? [PANEL_SCRIPT] : [])] });
}

/** The status page, whole: without a script it is as true, and asks again by itself. */
export function page(view: PageView): string {
  const { apps, wanted, panel } = view;
  const [only] = apps;
  const shown = wanted === null ? (apps.length === 1 ? only : undefined) : apps.find(({ app }) => app === wanted);
  const { title, tone } = gistOf(view);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="${iconOf(tone)}" data-lost="${iconOf('off')}">
<noscript><meta http-equiv="refresh" content="5"></noscript>
<style>${Markup.trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<div id="lost" class="lost" hidden><strong id="lost-since" role="alert"></strong> That was <span id="lost-for" aria-hidden="true"></span> ago. Nothing below is known to be true now; it is asked again and again.</div>
<div id="page" data-feishu-connector${shown === undefined ? html` class="list"` : null}>
${head(view)}
<p class="unseen" role="status">${title}</p>
${shown !== undefined && apps.length > 1 ? appLinks(apps, shown.app) : null}
<main id="main">
${wanted !== null && shown === undefined ? html`<p class="bad">There is no app <bdi>${wanted}</bdi>.</p>` : null}
${shown === undefined ? (apps.length === 0 ? html`<p>No app runs.</p>` : appTable(apps, view.find)) : section(shown, view)}
</main>
${foot(shown)}
</div>
<script>${Markup.trusted(BROWSER_SCRIPT)}</script>
${panel === null ? null : html`<script>${Markup.trusted(PANEL_SCRIPT)}</script>`}
</body>
</html>
`.toString();
}

function head({ version, phase, at, startedAt, apps, refused, runbookUrl }: PageView): Markup {
  return html`<header>
<h1>${apps.length > 1 ? html`<a href="?">feishu-connector</a>` : 'feishu-connector'}</h1>
<p class="faint">${version}, ${phase} for ${age(Math.max(0, at - startedAt))}</p>
<p class="faint">as of ${moment(at)} UTC<span class="answered">, ${age(0)} ago</span></p>
</header>
<div data-part>${refused === null ? null : refusal(refused, runbookUrl)}</div>`;
}

/** The apps are served, by what somebody believes to have been replaced. */
function refusal({ at, problem }: NonNullable<PageView['refused']>, runbookUrl: string | null): Markup {
  return html`<ul class="concerns"><li class="warn"><strong>${CONCERN_WORDS.warn}</strong> <span>The configuration in force is older than the file: refused at ${moment(at)} UTC: ${problem}</span> ${runbookLink('FeishuConfigReloadFailed', runbookUrl)}</li></ul>`;
}

/** The same for programs. */
function foot(shown: PageApp | undefined): Markup {
  const query = shown === undefined ? null : `?${new URLSearchParams({ app: shown.app })}`;
  const past = query === null ? null : html` · <a href="status/history${query}">its past as JSON</a>`;
  return html`<footer class="faint"><a href="status">status as JSON</a>${past} · <a href="metrics">metrics</a></footer>`;
}

/** The page in a few words, for its tab. */
function gistOf({ apps, phase }: PageView): { readonly title: string; readonly tone: Tone } {
  const [only] = apps;
  if (phase !== 'running') return { title: `${phase}: feishu-connector`, tone: 'off' };
  if (only === undefined) return { title: 'no app: feishu-connector', tone: 'off' };
  if (apps.length === 1) {
    const { word, tone } = verdictOf(only);
    return { title: `${word}: ${only.app}`, tone };
  }
  const wrong = apps.filter(isWrong).length;
  if (wrong > 0) return { title: `wrong: ${wrong} of ${apps.length} apps`, tone: 'bad' };
  const lookedAt = apps.filter(isLookedAt).length;
  if (lookedAt > 0) return { title: `to look at: ${lookedAt} of ${apps.length} apps`, tone: 'warn' };
  return { title: `all ${apps.length} apps connected`, tone: 'good' };
}

function section({ app, status, history, concerns, letters }: PageApp, { runbookUrl, panel }: PageView): Markup {
  if (isReadable(status)) {
    const shown = panel?.show() ?? null;
    return appSection({ status, history: history(), concerns, letters: letters(), runbookUrl, panel: shown });
  }
  return html`<section><h2><bdi>${app}</bdi></h2>
<p class="bad">${status.hasStarted ? 'Its status cannot be read' : 'It does not run'}: ${status.error}. ${status.advice}</p></section>`;
}

function isReadable(status: PageApp['status']): status is ConnectorStatus {
  return !('error' in status);
}
