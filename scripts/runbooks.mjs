// Makes what the daemon serves at /runbooks out of alerts/runbooks/*.md. Here and not there: nobody who installs the
// package needs a Markdown library, and a page that cannot be rendered, or links into nothing, is found by the build.
import { readdirSync, readFileSync } from 'node:fs';
import { Marked } from 'marked';

/** Their table of contents, which is served at /runbooks itself. */
const INDEX = 'README';

/**
 * Each runbook as the content of an HTML page, whose frame and style are the daemon's.
 * @param {URL} folder With a slash at the end.
 * @returns {Map<string, string>} By name, without an extension.
 * @throws Error for HTML other than an anchor, an image, or a link to what is no runbook.
 */
export function renderRunbooks(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.md'));
  const names = files.map((file) => file.replace(/\.md$/, '')).sort();
  return new Map(names.map((name) => [name, render(name, readFileSync(new URL(`${name}.md`, folder), 'utf8'), names)]));
}

function render(name, text, names) {
  // A line of a runbook is a line: `Undo:` and `Escalate:` must not flow into each other.
  const marked = new Marked({ gfm: true, breaks: true, renderer: rendererOf(name, names) });
  const tokens = marked.lexer(text);
  return marked.parser(name === INDEX ? tokens : Object.assign(tokens.flatMap(withHeading), { links: tokens.links }));
}

/** The parts of a runbook begin with their name in bold, as `**Meaning** For ten minutes …`: on a page that is a heading. */
function withHeading(token) {
  const [first, ...rest] = token.type === 'paragraph' ? token.tokens : [];
  if (first?.type !== 'strong') return [token];
  const heading = { type: 'heading', depth: 2, text: first.text, tokens: first.tokens };
  const isBare = rest.every(({ raw }) => raw.trim() === '');
  return isBare ? [heading] : [heading, { ...token, tokens: rest }];
}

function rendererOf(name, names) {
  return {
    // The page's own first heading is that of the daemon.
    heading({ tokens, depth, text }) {
      const level = Math.min(6, depth + 1);
      return `<h${level} id="${anchorOf(text)}">${this.parser.parseInline(tokens)}</h${level}>\n`;
    },
    link({ href, tokens }) {
      const isOutside = /^https?:/.test(href);
      const address = isOutside ? href : addressOf(href, name, names);
      const words = this.parser.parseInline(tokens);
      return `<a href="${escapeHtml(address)}"${isOutside ? ' rel="noreferrer"' : ''}>${words}</a>`;
    },
    // What is too wide is scrolled, with keys as well.
    code({ text }) {
      return `<pre tabindex="0"><code>${escapeHtml(text)}\n</code></pre>\n`;
    },
    // On a phone there is a row below the other, and each cell says what it is.
    table({ header, rows }) {
      const titles = header.map(({ tokens }) => this.parser.parseInline(tokens));
      const cell = ({ tokens }, index) =>
        `<td data-is="${titles[index].replace(/<[^>]*>/g, '')}">${this.parser.parseInline(tokens)}</td>`;
      const head = titles.map((title) => `<th scope="col">${title}</th>`).join('');
      const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>\n`).join('');
      return `<div class="wide"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}</tbody>\n</table></div>\n`;
    },
    html({ text }) {
      if (/^<!--[\s\S]*-->\s*$/.test(text)) return '';
      if (/^(?:<a id="[\w-]+">|<\/a>)$/.test(text)) return text;
      throw new Error(`runbooks: ${name}.md has HTML of its own: ${text}`);
    },
    image({ href }) {
      throw new Error(`runbooks: ${name}.md shows an image, which its page would have to load: ${href}`);
    },
  };
}

/** Relative, as whoever serves the daemon may have put it below a path: the index is at `runbooks`, all others below it. */
function addressOf(href, from, names) {
  const [, file, anchor = ''] = /^([^#]*)(#.*)?$/.exec(href) ?? [];
  const to = file === '' ? from : file.replace(/\.md$/, '');
  if (!names.includes(to)) throw new Error(`runbooks: ${from}.md links to ${href}, which is no runbook`);
  if (to === from && anchor !== '') return anchor;
  if (to === INDEX) return `../runbooks${anchor}`;
  return `${from === INDEX ? 'runbooks/' : ''}${to}${anchor}`;
}

/** As the place where the files themselves are read spells it: links into them are the same in both. */
function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
