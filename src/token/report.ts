import type { Verdict } from '../ports/index.js';
import type { TokenFailureCode } from './failure.js';

/** Token types we keep. One today; the label exists so that a second needs no new metric. */
export const TOKEN_TYPES = ['tenant'] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

/** Everything the token room tells the outside. No report ever holds a token. */
export type TokenReport =
  | { readonly type: 'refresh_started'; readonly tokenType: TokenType }
  /** `isNew` is false when the platform returned the token we had. */
  | {
      readonly type: 'refreshed';
      readonly tokenType: TokenType;
      readonly durationMs: number;
      readonly expiresInMs: number;
      readonly marginMs: number;
      readonly isNew: boolean;
      readonly failuresBefore: number;
    }
  /** `validForMs` is what is left of the token still in use, 0 if there is none. */
  | {
      readonly type: 'refresh_failed';
      readonly tokenType: TokenType;
      readonly durationMs: number;
      readonly failure: TokenFailureCode;
      readonly verdict: Verdict;
      readonly detail: string;
      readonly retryInMs: number;
      readonly validForMs: number;
    }
  /** An API call was told that the token in use is invalid (docs/protocol.md, section 7.2). */
  | { readonly type: 'invalidated'; readonly tokenType: TokenType; readonly code: number };
