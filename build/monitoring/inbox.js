import { once } from 'node:events';
import { createServer } from 'node:http';
/** Who is told: the pager wakes somebody, a ticket is read in office hours, the watchdog is missed when it stops. */
export const MAILBOXES = ['pager', 'ticket', 'watchdog'];
/** A notification holds all alerts of a group: far below this even if every alert there is fires. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
/** What is kept, in notifications that said something new; a test or a demo has tens. */
const NEWS_LIMIT = 10_000;
/** Opens one on a free loopback port. */
export async function openInbox() {
    const inbox = new ListeningInbox();
    await inbox.open();
    return inbox;
}
class ListeningInbox {
    news = [];
    #server;
    #counts = new Map();
    #listeners = new Set();
    /** The latest status of each alert, by mailbox and labels. */
    #known = new Map();
    constructor() {
        this.#server = createServer((request, response) => {
            this.#receive(request).then(() => response.writeHead(200).end(), 
            // Alertmanager logs the status and tries again: nothing is lost, and nothing goes wrong unseen.
            (error) => response.writeHead(400).end(String(error)));
        });
    }
    get receivers() {
        const url = (mailbox) => `http://127.0.0.1:${this.#server.address().port}/${mailbox}`;
        return { pagerUrl: url('pager'), ticketUrl: url('ticket'), watchdogUrl: url('watchdog') };
    }
    async open() {
        this.#server.listen(0, '127.0.0.1');
        await once(this.#server, 'listening');
    }
    count(mailbox) {
        return this.#counts.get(mailbox) ?? 0;
    }
    onNews(listener) {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
    }
    async close() {
        const closed = new Promise((resolve) => this.#server.close(resolve));
        this.#server.closeAllConnections();
        await closed;
    }
    async #receive(request) {
        const mailbox = MAILBOXES.find((name) => request.url === `/${name}`);
        if (mailbox === undefined)
            throw new Error(`there is no mailbox ${request.url}`);
        const { alerts } = JSON.parse(await bodyOf(request));
        this.#counts.set(mailbox, this.count(mailbox) + 1);
        for (const { status, labels, annotations } of alerts) {
            this.#hear({ mailbox, status, alert: labels.alertname ?? '', labels, annotations });
        }
    }
    #hear(news) {
        const key = JSON.stringify([news.mailbox, Object.entries(news.labels).sort()]);
        if (this.#known.get(key) === news.status)
            return;
        this.#known.set(key, news.status);
        this.news.push(news);
        if (this.news.length > NEWS_LIMIT)
            this.news.shift();
        for (const listener of this.#listeners)
            listener(news);
    }
}
async function bodyOf(request) {
    const chunks = [];
    let bytes = 0;
    for await (const chunk of request) {
        bytes += chunk.length;
        if (bytes > BODY_LIMIT_BYTES)
            throw new Error(`a notification of more than ${BODY_LIMIT_BYTES} bytes`);
        chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
}
