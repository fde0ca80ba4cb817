import { randomBytes, timingSafeEqual } from 'node:crypto';
import { html } from './markup.js';
/** Where a press is sent, with {@link PANEL_HEADER}. */
export const PANEL_PATH = '/demo/press';
export const PANEL_HEADER = 'x-demo-token';
/** A panel on its page. Who cannot read the page does not know the token, which is new with each run. */
export class MountedPanel {
    token = randomBytes(32).toString('hex');
    #panel;
    #pressed = null;
    constructor(panel) {
        this.#panel = panel;
    }
    /** `POST {@link PANEL_PATH}?button=<id>`. */
    addRoute(server) {
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
    show() {
        const { buttons } = this.#panel;
        const disabled = this.#panel.isFree() ? null : html ` disabled`;
        const broken = this.#panel.inForce();
        const items = buttons.map(({ id, does, incident, shows }) => html `<li><button type="button" data-press="${id}"${disabled}>${does}${incident === null ? null : html ` <small>${incident}</small>`}</button><p class="faint">${shows}</p></li>
`);
        return html `<section class="panel" aria-labelledby="panel" data-panel="${this.token}">
<h3 id="panel">Break the platform</h3>
<p class="faint">This is the demo: the platform is simulated, and each button does to it what is known to happen. Watch the timeline above.</p>
<noscript><p>The buttons need JavaScript; the rest of the page does not.</p></noscript>
<ul>${items}</ul>
<p role="status" id="pressed">${this.#told()}</p>
<p class="faint">In force: ${broken.length === 0 ? 'nothing, the platform is well' : broken.join('; ')}</p>
</section>
`;
    }
    #told() {
        if (!this.#panel.isFree())
            return 'The story is still being told; the buttons are yours when it is over.';
        const pressed = this.#pressed;
        return pressed === null ? 'Nothing was pressed yet.' : `Pressed: ${pressed.does}. ${pressed.shows}`;
    }
    /** A page of another origin can neither read the token nor send the header without being asked for it first. */
    #isOurs({ headers }) {
        const given = headers[PANEL_HEADER];
        if (typeof given !== 'string' || given.length !== this.token.length)
            return false;
        if (headers.origin !== `http://${headers.host}`)
            return false;
        return timingSafeEqual(Buffer.from(given), Buffer.from(this.token));
    }
}
/** What the panel does in the browser; sent as it stands, see {@link PANEL_SCRIPT}. */
export function operate(window) {
    const { document } = window;
    const press = async (id) => {
        const token = document.querySelector('[data-panel]')?.getAttribute('data-panel') ?? '';
        const limit = new window.AbortController();
        const deadline = window.setTimeout(() => limit.abort(), 4_000);
        let failure = null;
        try {
            const options = { method: 'POST', headers: { 'x-demo-token': token }, signal: limit.signal, redirect: 'error' };
            const answer = await window.fetch(`demo/press?button=${encodeURIComponent(id)}`, options);
            if (!answer.ok)
                failure = `HTTP ${answer.status}`;
        }
        catch {
            failure = 'the demo does not answer';
        }
        window.clearTimeout(deadline);
        const told = document.querySelector('#pressed');
        if (failure !== null && told !== null)
            told.textContent = `Not done: ${failure}.`;
        // The page asks at once.
        else
            window.dispatchEvent(new window.Event('ask'));
    };
    document.addEventListener('click', ({ target }) => {
        const id = target?.closest('[data-press]')?.getAttribute('data-press');
        if (id)
            press(id);
    });
}
/** The function above as the browser gets it. */
export const PANEL_SCRIPT = `'use strict';\n${operate}\noperate(window);`;
