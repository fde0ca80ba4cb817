import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Receivers } from '../alerts/index.js';

/** Who is told: the pager wakes somebody, a ticket is read in office hours, the watchdog is missed when it stops. */
export const MAILBOXES = ['pager', 'ticket', 'watchdog'] as const;
export type Mailbox = (typeof MAILBOXES)[number];

/** Something about an alert that its receiver did not know yet: that it fires, or that it is over. */
export interface AlertNews {
  readonly mailbox: Mailbox;
  readonly status: 'firing' | 'resolved';
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Receives what Alertmanager sends, in place of a pager, a ticket system and a dead-man service. */
export interface Inbox {
  readonly receivers: Receivers;
  /** In the order in which it came. Repetitions of what was known already are left out. */
  readonly news: readonly AlertNews[];
  /** Notifications to this mailbox so far, repetitions included. */
  count(mailbox: Mailbox): number;
  /** @returns Ends it. */
  onNews(listener: (news: AlertNews) => void): () => void;
  close(): Promise<void>;
}

/** A notification holds all alerts of a group: far below this even if every alert there is fires. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
/** What is kept, in notifications that said something new; a test or a demo has tens. */
const NEWS_LIMIT = 10_000;

/** Opens one on a free loopback port. */
export async function openInbox(): Promise<Inbox> {
  const inbox = new ListeningInbox();
  await inbox.open();
  return inbox;
}

class ListeningInbox implements Inbox {
  readonly news: AlertNews[] = [];
  readonly #server: Server;
  readonly #counts = new Map<Mailbox, number>();
  readonly #listeners = new Set<(news: AlertNews) => void>();
  /** The latest status of each alert, by mailbox and labels. */
  readonly #known = new Map<string, AlertNews['status']>();

  constructor() {
    this.#server = createServer((request, response) => {
      this.#receive(request).then(
        () => response.writeHead(200).end(),
        // Alertmanager logs the status and tries again: nothing is lost, and nothing goes wrong unseen.
        (error: unknown) => response.writeHead(400).end(String(error)),
      );
    });
  }

  get receivers(): Receivers {
    const url = (mailbox: Mailbox) => `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${mailbox}`;
    return { pagerUrl: url('pager'), ticketUrl: url('ticket'), watchdogUrl: url('watchdog') };
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  count(mailbox: Mailbox): number {
    return this.#counts.get(mailbox) ?? 0;
  }

  onNews(listener: (news: AlertNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #receive(request: IncomingMessage): Promise<void> {
    const mailbox = MAILBOXES.find((name) => request.url === `/${name}`);
    if (mailbox === undefined) throw new Error(`there is no mailbox ${request.url}`);
    const { alerts } = JSON.parse(await bodyOf(request)) as { readonly alerts: readonly Omit<AlertNews, 'alert'>[] };
    this.#counts.set(mailbox, this.count(mailbox) + 1);
    for (const { status, labels, annotations } of alerts) {
      this.#hear({ mailbox, status, alert: labels.alertname ?? '', labels, annotations });
    }
  }

  #hear(news: AlertNews): void {
    const key = JSON.stringify([news.mailbox, Object.entries(news.labels).sort()]);
    if (this.#known.get(key) === news.status) return;
    this.#known.set(key, news.status);
    this.news.push(news);
    if (this.news.length > NEWS_LIMIT) this.news.shift();
    for (const listener of this.#listeners) listener(news);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT_BYTES) throw new Error(`a notification of more than ${BODY_LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
