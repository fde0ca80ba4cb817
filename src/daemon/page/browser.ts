/**
 * What the page does in the browser: it asks for itself again and again and takes over what changed; between two answers
 * it lets ages grow; without an answer it says so, and shows nothing as true.
 *
 * The functions below are sent as they stand, see {@link BROWSER_SCRIPT}: none may use anything that is not among them.
 * It polls rather than keeping a stream open: each answer is bounded and done, a client that hangs costs nothing, and a
 * daemon that froze is found by the very same deadline as one that died.
 */

/** As much of a browser's window as is used. The compiler is not told of the DOM: elsewhere its names would hide slips. */
export interface BrowserWindow {
  readonly document: BrowserDocument & {
    readonly hidden: boolean;
    addEventListener(type: string, listener: () => void): void;
  };
  readonly location: {
    readonly origin: string;
    readonly pathname: string;
    readonly search: string;
    reload(): void;
  };
  readonly performance: { now(): number };
  readonly Date: { now(): number };
  readonly Math: { random(): number };
  readonly DOMParser: new () => { parseFromString(text: string, type: 'text/html'): BrowserDocument };
  readonly AbortController: new () => { readonly signal: unknown; abort(): void };
  fetch(
    url: string,
    options: object,
  ): Promise<{ readonly ok: boolean; readonly status: number; text(): Promise<string> }>;
  setTimeout(fire: () => void, delayMs: number): number;
  clearTimeout(timer: number): void;
  setInterval(fire: () => void, everyMs: number): number;
  addEventListener(type: string, listener: () => void): void;
}

export interface BrowserDocument {
  title: string;
  readonly documentElement: BrowserElement;
  readonly activeElement?: BrowserElement | null;
  querySelector(selector: string): BrowserElement | null;
  querySelectorAll(selector: string): Iterable<BrowserElement>;
}

export interface BrowserNode {
  readonly nodeType: number;
  readonly nodeName: string;
  nodeValue: string | null;
}

export interface BrowserElement extends BrowserNode {
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  readonly childNodes: Iterable<BrowserNode>;
  textContent: string | null;
  hidden: boolean;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  appendChild(node: BrowserNode): void;
  removeChild(node: BrowserNode): void;
  replaceChild(fresh: BrowserNode, old: BrowserNode): void;
  readonly isConnected: boolean;
  focus(options: { readonly preventScroll: boolean }): void;
}

/** A span in the two units that matter, by the second: `3 s`, `2 min 5 s`, `8 h 30 min`, `3 d 4 h`. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const [small, great, smallName, greatName] =
    seconds < 3_600
      ? [seconds, 60, 's', 'min']
      : seconds < 86_400
        ? [Math.floor(seconds / 60), 60, 'min', 'h']
        : [Math.floor(seconds / 3_600), 24, 'h', 'd'];
  const rest = small % great;
  return `${Math.floor(small / great)} ${greatName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** How long to wait before the next question, in milliseconds. */
export function pauseMs(situation: {
  /** Questions in a row without an answer. */
  readonly failures: number;
  /** What the last answer took: a daemon that has trouble answering is asked less often. */
  readonly tookMs: number;
  /** Nobody looks at the page now. */
  readonly isHidden: boolean;
  /** In [0, 1): many pages must not ask in step. */
  readonly random: number;
}): number {
  const { failures, tookMs, isHidden, random } = situation;
  if (isHidden) return 30_000;
  if (failures === 0) return Math.min(30_000, Math.max(2_000, 10 * tookMs));
  return Math.min(30_000, 1_000 * 2 ** failures) * (0.75 + 0.25 * random);
}

/** Makes `old` what `fresh` is, and leaves alone what is the same: focus, selection and scrolling stay where they are. */
export function takeOver(old: BrowserElement, fresh: BrowserElement): void {
  const wanted = new Map([...fresh.attributes].map(({ name, value }) => [name, value]));
  // What somebody opened stays open.
  for (const { name } of [...old.attributes]) if (!wanted.has(name) && name !== 'open') old.removeAttribute(name);
  for (const [name, value] of wanted) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const olds = [...old.childNodes];
  const freshes = [...fresh.childNodes];
  const keyOf = (node: BrowserNode) => (node.nodeType === 1 ? (node as BrowserElement).getAttribute('data-key') : null);
  const keysOf = (nodes: readonly BrowserNode[]) => JSON.stringify(nodes.map(keyOf).filter((key) => key !== null));
  // What stands for an app goes where that app goes: in its place another one would have the focus, and be opened.
  if (keysOf(olds) !== keysOf(freshes)) {
    const known = new Map(olds.map((child) => [keyOf(child), child]));
    for (const child of olds) old.removeChild(child);
    for (const wanted of freshes) {
      const same = keyOf(wanted) === null ? undefined : known.get(keyOf(wanted));
      if (same?.nodeName === wanted.nodeName) takeOver(same as BrowserElement, wanted as BrowserElement);
      old.appendChild(same?.nodeName === wanted.nodeName ? same : wanted);
    }
    return;
  }
  olds.forEach((child, index) => {
    const other = freshes[index];
    if (other === undefined) old.removeChild(child);
    else if (child.nodeName !== other.nodeName) old.replaceChild(other, child);
    else if (child.nodeType === 1) takeOver(child as BrowserElement, other as BrowserElement);
    else if (child.nodeValue !== other.nodeValue) child.nodeValue = other.nodeValue;
  });
  for (const added of freshes.slice(olds.length)) old.appendChild(added);
}

/** Lets the page follow its daemon for as long as it is open. */
export function follow(window: BrowserWindow): void {
  const { document } = window;
  const ANSWER_WITHIN_MS = 4_000;
  const FRESH_FOR_MS = 8_000; // three questions; older than that, nothing is told as if it were now
  let answered = { tick: window.performance.now(), wall: window.Date.now() };
  let failures = 0;
  let tookMs = 0;
  let isLost = false;
  let isAsking = false;
  let timer = 0;

  const find = (selector: string): BrowserElement => {
    const found = document.querySelector(selector);
    if (found === null) throw new Error(`the page has no ${selector}`);
    return found;
  };
  // A machine that slept stops one of these clocks, somebody who sets the time turns the other.
  const elapsedMs = () =>
    Math.max(0, window.performance.now() - answered.tick, Math.abs(window.Date.now() - answered.wall));

  /** Everything that time alone changes. */
  const tick = (): void => {
    const passedMs = elapsedMs();
    for (const age of document.querySelectorAll('[data-age-ms]'))
      age.textContent = ageText(Number(age.getAttribute('data-age-ms')) + passedMs);
    for (const left of document.querySelectorAll('[data-left-ms]'))
      left.textContent = ageText(Number(left.getAttribute('data-left-ms')) - passedMs);
    // Hidden, it asks rarely: only a question without an answer says something then.
    if (failures > 0 || (passedMs > FRESH_FOR_MS && !document.hidden)) lose();
    find('#lost-for').textContent = ageText(passedMs);
  };

  const lose = (): void => {
    for (const claim of document.querySelectorAll('[data-claim]')) claim.textContent = 'unknown';
    if (isLost) return;
    isLost = true;
    // By the daemon's clock, as everything else on the page: that of a browser may be years away.
    const told = document.querySelector('header time')?.getAttribute('datetime');
    const since = (told ?? new Date(answered.wall).toISOString()).slice(11, 19);
    document.documentElement.setAttribute('data-link', 'lost');
    document.title = `no answer since ${since} UTC`;
    const icon = find('link[rel=icon]');
    icon.setAttribute('href', icon.getAttribute('data-lost') ?? '');
    find('#lost').hidden = false;
    // Written once: a screen reader reads it out as it changes.
    find('#lost-since').textContent = `No answer since ${since} UTC.`;
  };

  const show = (text: string): void => {
    const fresh = new window.DOMParser().parseFromString(text, 'text/html');
    const page = fresh.querySelector('#page[data-feishu-connector]');
    const icon = fresh.querySelector('link[rel=icon]');
    // Another program may have the port by now.
    if (page === null || icon === null) throw new Error('what answered is no status page');
    if (fresh.querySelector('script')?.textContent !== find('script').textContent) {
      window.location.reload(); // another version of the daemon, with a page of its own
      return;
    }
    const focused = document.activeElement ?? null;
    takeOver(find('#page'), page);
    takeOver(find('link[rel=icon]'), icon);
    // What was moved has lost it.
    if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
    document.title = fresh.title;
    find('#lost').hidden = true;
    document.documentElement.setAttribute('data-link', 'live');
    isLost = false;
  };

  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    window.clearTimeout(timer);
    const begun = { tick: window.performance.now(), wall: window.Date.now() };
    const limit = new window.AbortController();
    const deadline = window.setTimeout(() => limit.abort(), ANSWER_WITHIN_MS);
    try {
      // With what the browser was told at the door, where there is a password.
      const options = { signal: limit.signal, cache: 'no-store', credentials: 'same-origin', redirect: 'error' };
      // Put together: a browser refuses to ask for an address that has user and password in it, as that of the page may.
      const { origin, pathname, search } = window.location;
      const answer = await window.fetch(origin + pathname + search, options);
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const text = await answer.text();
      tookMs = window.performance.now() - begun.tick;
      show(text);
      failures = 0;
      // What it says was true when it was asked, or later.
      answered = begun;
    } catch {
      failures += 1; // the page itself says so
    } finally {
      window.clearTimeout(deadline);
      isAsking = false;
      tick();
      timer = window.setTimeout(
        ask,
        pauseMs({ failures, tookMs, isHidden: document.hidden, random: window.Math.random() }),
      );
    }
  };

  // Somebody looks again, or the machine has its network back.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
      tick();
      ask();
    }
  });
  window.addEventListener('online', ask);
  window.addEventListener('pageshow', ask);
  // Something was done that will show.
  window.addEventListener('ask', ask);
  window.setInterval(tick, 1_000);
  document.documentElement.setAttribute('data-link', 'live');
}

/** The functions above as the browser gets them. */
export const BROWSER_SCRIPT = `'use strict';\n${[ageText, pauseMs, takeOver, follow].join('\n')}\nfollow(window);`;
