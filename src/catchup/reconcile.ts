import { type Audience, type ChatType, type HistoryMessage, isMeantForUs } from './history.js';
import type { ReconcilePolicy } from './policy.js';
import type { ReconcileVerdict } from './report.js';

/** What history says of one chat; `messages` null if it could not be read. */
export interface ChatHistory {
  readonly chatType: ChatType;
  readonly messages: readonly HistoryMessage[] | null;
}

export interface Comparison {
  readonly verdict: ReconcileVerdict;
  /** Messages that should have arrived by now. */
  readonly compared: number;
  readonly missing: readonly HistoryMessage[];
}

/**
 * Compares history with what arrived. A message that should be here and is not, although its first redelivery is past too,
 * proves that the connection delivers nothing, or not everything. Pure.
 * @param wallNow Milliseconds since the epoch.
 * @param isKnown Whether a message arrived, whatever became of it since.
 * @param since Messages older than this are no business of this connection: the bot may have joined, or started, later.
 */
export function compare(
  chats: readonly ChatHistory[],
  isKnown: (messageId: string) => boolean,
  audience: Audience,
  policy: ReconcilePolicy,
  { wallNow, since }: { readonly wallNow: number; readonly since: number },
): Comparison {
  const read = chats.filter(({ messages }) => messages !== null);
  const due = read.flatMap(({ chatType, messages }) =>
    (messages ?? []).filter(
      (message) =>
        message.createTime >= since &&
        message.createTime <= wallNow - policy.graceMs &&
        isMeantForUs(message, chatType, audience),
    ),
  );
  const missing = due.filter(({ messageId }) => !isKnown(messageId));
  return {
    verdict: missing.length > 0 ? 'deaf' : read.length > 0 ? 'agrees' : 'unknown',
    compared: due.length,
    missing,
  };
}
