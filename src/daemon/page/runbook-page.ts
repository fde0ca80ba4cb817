import { headersOf } from './headers.js';
import { iconOf } from './icon.js';
import { html, Markup } from './markup.js';
import { RUNBOOK_STYLE } from './runbook-style.js';
import { STYLE } from './style.js';

export const RUNBOOK_HEADERS = headersOf({ styles: [STYLE, RUNBOOK_STYLE] });

/** One runbook, whole. Its links are relative, as it may be served below a path. */
export interface RunbookPage {
  /** Null for the list of all of them, which lies one level above. */
  readonly name: string | null;
  /** As the build rendered it. */
  readonly body: string;
}

/** A runbook in the look of the status page. It stands as it is: nothing in it follows the daemon. */
export function runbookPage({ name, body }: RunbookPage): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${name === null ? 'Runbooks' : `${name}: runbook`}</title>
<link rel="icon" href="${iconOf('off')}">
<style>${Markup.trusted(STYLE)}</style>
<style>${Markup.trusted(RUNBOOK_STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<div id="page">
<header>
<h1><a href="${name === null ? './' : '../'}">feishu-connector</a></h1>
${name === null ? null : html`<p class="faint"><a href="../runbooks">all runbooks</a></p>`}
</header>
<main id="main" class="runbook">
${Markup.trusted(body)}</main>
</div>
</body>
</html>
`.toString();
}
