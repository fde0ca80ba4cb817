import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isSameSecret } from '../same-secret.js';
import { html, type Markup } from './markup.js';

/** One button: something done to the simulated platform. */
export interface PanelButton {
  readonly id: string;
  /** What is done. */
  readonly does: string;
  /** Which of the known incidents that is, `F03`; null for what is none. */
  readonly incident: string | null;
  /** What will be seen on this page. */
  readonly shows: string;
}

/** What a stage lets the page do. Only the demo has one: a daemon's page has no buttons, and no route for any. */
export interface Panel {
  readonly buttons: readonly PanelButton[];
  press(id: string): void;
  /** What is broken now, for people. */
  inForce(): readonly string[];
  /** Whether buttons may be pressed now. */
  isFree(): boolean;
}

/** Where a press is sent, with {@link PANEL_HEADER}. */
export const PANEL_PATH = '/demo/press';
export const PANEL_HEADER = 'x-demo-token';

/** A panel on its page. Who cannot read the page does not know the token, which is new with each run. */
export class MountedPanel {
  readonly token = randomBytes(32).toString('hex');
  readonly #panel: Panel;
  #pressed: PanelButton | null = null;

  constructor(panel: Panel) {
    this.#panel = panel;
  }

  /** `POST {@link PANEL_PATH}?button=<id>`. */
  addRoute(server: FastifyInstance): void {
    server.post(PANEL_PATH, async (request, reply) => {
      if (!this.#isOurs(request))
        return reply.code(403).send({ error: 'not from here', hint: 'Press the button on the page of the demo.' });
      const id = new URL(request.url, 'http://127.0.0.1').searchParams.get('button');
      const button = this.#panel.buttons.find((each) => each.id === id);
      if (button === undefined) {
        const known = this.#panel.buttons.map((each) => each.id).join(', ');
        return reply.code(404).send({ error: 'no such button', hint: `There are ${known}.` });
      }
      if (!this.#panel.isFree())
        return reply.code(409).send({ error: 'not yet', hint: 'The story is still being told.' });
      this.#panel.press(button.id);
      this.#pressed = button;
      return { pressed: button.id };
    });
  }

  show(): Markup {
    const { buttons } = this.#panel;
    const disabled = this.#panel.isFree() ? null : html` disabled`;
    const broken = this.#panel.inForce();
    const items = buttons.map(
      ({ id, does, incident, shows }) =>
        html`<li><button type="button" data-press="${id}"${disabled}>${does}${incident === null ? null : html` <small>${incident}</small>`}</button><p class="faint">${shows}</p></li>
`,
    );
    return html`<section class="panel" aria-labelledby="panel" data-panel="${this.token}">
<h3 id="panel">Break the platform</h3>
<p class="faint">This is the demo: the platform is simulated, and each button does to it what is known to happen. Watch the timeline above.</p>
<noscript><p>The buttons need JavaScript; the rest of the page does not.</p></noscript>
<ul>${items}</ul>
<p role="status" id="pressed">${this.#told()}</p>
<p class="faint">In force: ${broken.length === 0 ? 'nothing, the platform is well' : broken.join('; ')}</p>
</section>
`;
  }

  #told(): string {
    if (!this.#panel.isFree()) return 'The story is still being told; the buttons are yours when it is over.';
    const pressed = this.#pressed;
    return pressed === null ? 'Nothing was pressed yet.' : `Pressed: ${pressed.does}. ${pressed.shows}`;
  }

  /** A page of another origin can neither read the token nor send the header without being asked for it first. */
  #isOurs({ headers, protocol }: FastifyRequest): boolean {
    const given = headers[PANEL_HEADER];
    if (typeof given !== 'string' || headers.origin !== `${protocol}://${headers.host}`) return false;
    return isSameSecret(given, this.token);
  }
}

/** As much of a browser's window as the panel uses. */
export interface PanelWindow {
  readonly document: {
    querySelector(selector: string): PanelElement | null;
    addEventListener(type: 'click', listener: (event: { readonly target: PanelElement | null }) => void): void;
  };
  readonly location: { readonly origin: string; readonly pathname: string };
  readonly AbortController: new () => { readonly signal: unknown; abort(): void };
  readonly Event: new (type: string) => object;
  fetch(url: string, options: object): Promise<{ readonly ok: boolean; readonly status: number }>;
  setTimeout(fire: () => void, delayMs: number): number;
  clearTimeout(timer: number): void;
  dispatchEvent(event: object): void;
}

interface PanelElement {
  textContent: string | null;
  closest(selector: string): PanelElement | null;
  getAttribute(name: string): string | null;
}

/** What the panel does in the browser; sent as it stands, see {@link PANEL_SCRIPT}. */
export function operate(window: PanelWindow): void {
  const { document } = window;
  const press = async (id: string): Promise<void> => {
    const token = document.querySelector('[data-panel]')?.getAttribute('data-panel') ?? '';
    const limit = new window.AbortController();
    const deadline = window.setTimeout(() => limit.abort(), 4_000);
    let failure: string | null = null;
    try {
      const headers = { 'x-demo-token': token };
      // With what the browser was told at the door, where there is a password.
      const credentials = 'same-origin';
      const options = { method: 'POST', headers, credentials, signal: limit.signal, redirect: 'error' };
      // Put together: a browser refuses to ask for an address that has user and password in it, as that of the page may.
      const { origin, pathname } = window.location;
      const folder = pathname.slice(0, pathname.lastIndexOf('/') + 1);
      const answer = await window.fetch(`${origin}${folder}demo/press?button=${encodeURIComponent(id)}`, options);
      if (!answer.ok) failure = `HTTP ${answer.status}`;
    } catch {
      failure = 'the demo does not answer';
    }
    window.clearTimeout(deadline);
    const told = document.querySelector('#pressed');
    if (failure !== null && told !== null) told.textContent = `Not done: ${failure}.`;
    // The page asks at once.
    else window.dispatchEvent(new window.Event('ask'));
  };
  document.addEventListener('click', ({ target }) => {
    const id = target?.closest('[data-press]')?.getAttribute('data-press');
    if (id) press(id);
  });
}

/** The function above as the browser gets it. */
export const PANEL_SCRIPT = `'use strict';\n${operate}\noperate(window);`;
