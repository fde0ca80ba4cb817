import type { SecretSource } from './secret.js';

/** A short-lived proof of who the app is, signed elsewhere and used instead of a secret (RFC 7523). */
export interface Assertion {
  /** What the platform checks. It is as good as a secret while it lives, and is treated as one. */
  readonly value: string;
  /** Base URL of a relay that requests go to instead of the platform, without a trailing slash; null: there is none. */
  readonly relayUrl: string | null;
}

/**
 * Signs an {@link Assertion} for the host that is about to be asked, afresh at every use.
 * Rejects with a SecretError alone, and settles within a few seconds.
 * @param audience Host of that URL, with its port if it has one.
 */
export type AssertionSource = (audience: string) => Promise<Assertion>;

/** How an app proves who it is. */
export type Credentials = { readonly secret: SecretSource } | { readonly assertion: AssertionSource };

/** Signs assertions: a service of yours, for apps that have no secret. The official SDK's interface of this name. */
export interface ClientAssertionProvider {
  /** @param aud Host that is about to be asked. */
  retrieveToken(aud: string): SignedAssertion | Promise<SignedAssertion>;
}

/** What a {@link ClientAssertionProvider} gives. */
export interface SignedAssertion {
  readonly value: string;
  /** A relay to send it to instead of the platform: an https host, and a path before the platform's own. */
  readonly targetInfo?: { readonly targetService: string; readonly targetPrefix?: string };
}
