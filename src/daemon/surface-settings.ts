import type { SocketChoice } from './control-socket.js';

/** A secret as text, or the file that holds it, which is read again when it changes. */
export type GivenSecret = { readonly text: string } | { readonly file: string };

/** Who may do what at the HTTP surface. Plain data; paths are absolute. */
export interface SurfaceSettings {
  /** Asked of whoever reads; null: nobody is asked. */
  readonly basic: { readonly user: string; readonly password: GivenSecret } | null;
  /** Asked of whoever calls for something to be done; null: over the network nobody may. */
  readonly token: GivenSecret | null;
  /** Where the control socket is; null for none. */
  readonly socket: SocketChoice | null;
  /** PEM files; null: plain HTTP. */
  readonly tls: TlsFiles | null;
}

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What a surface has that nothing is said of: it shows what it shows to whoever reaches it, and does nothing for anybody. */
export const OPEN_SURFACE: SurfaceSettings = Object.freeze({ basic: null, token: null, socket: null, tls: null });

/** Shorter ones could be guessed over the network. */
export const SHORTEST_PASSWORD = 12;
export const SHORTEST_TOKEN = 16;

/** Whether this can stand in a header as a bearer token and is long enough. */
export function isToken(text: string): boolean {
  return text.length >= SHORTEST_TOKEN && /^[\x21-\x7e]+$/.test(text);
}

export function isPassword(text: string): boolean {
  return text.length >= SHORTEST_PASSWORD && !/\p{Cc}/u.test(text);
}
