import type { Writable } from 'node:stream';
import type { FeishuEvent, HandlerContext, Handlers } from '../delivery/index.js';

/** The reader is gone: what comes now is not acked, and the platform keeps it for its redeliveries. */
export class SinkClosedError extends Error {
  override readonly name = 'SinkClosedError';
}

/** Events as JSON lines on a stream. */
export interface StdoutSink {
  readonly handlers: Handlers;
  /** Lets go of the stream; lines that wait are refused. */
  close(): void;
}

/**
 * Writes one JSON line per event, and has handled it when the stream took the line: so the ack waits for the reader.
 * A reader that stalls holds the deliveries back, up to their bound, and not the process; whoever gave up waiting has
 * written nothing.
 * @param onClosed Told once when the stream failed or closed, with why.
 */
export function createStdoutSink(stream: Writable, onClosed: (reason: string) => void): StdoutSink {
  let closed: SinkClosedError | null = null;
  // One promise for all that wait: a listener each would be thousands.
  let room: { readonly promise: Promise<void>; readonly settle: () => void } | null = null;

  const settleRoom = (): void => {
    const settled = room;
    room = null;
    settled?.settle();
  };
  const end = (reason: string): void => {
    if (closed) return;
    closed = new SinkClosedError(reason);
    settleRoom();
    onClosed(reason);
  };
  const onError = (error: Error & { code?: string }): void => {
    end(error.code === 'EPIPE' ? 'the reader of standard output is gone' : `standard output failed: ${error.message}`);
  };
  const onClose = (): void => end('standard output was closed');
  stream.on('drain', settleRoom);
  stream.on('error', onError);
  stream.on('close', onClose);

  const roomMade = (): Promise<void> => {
    room ??= newRoom();
    return room.promise;
  };

  const write = async (event: FeishuEvent, { signal }: Pick<HandlerContext, 'signal'>): Promise<void> => {
    // Again after each wake-up: one line of those that waited may have filled the stream already.
    while (stream.writableNeedDrain && closed === null) {
      await untilAborted(roomMade(), signal);
    }
    if (closed) throw closed;
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      stream.write(lineOf(event), (error) => (error ? reject(error) : resolve()));
    });
  };

  return {
    handlers: { '*': write },
    close() {
      stream.off('drain', settleRoom);
      stream.off('error', onError);
      stream.off('close', onClose);
      closed ??= new SinkClosedError('the daemon stopped');
      settleRoom();
    },
  };
}

/** The line of one event: what a reader in another language needs, and no more. */
export function lineOf(event: FeishuEvent): string {
  const { id, type, createTime, appId, tenantKey, source, ageMs, data } = event;
  return `${JSON.stringify({ id, type, createTime, appId, tenantKey, source, ageMs, data })}\n`;
}

function newRoom() {
  let settle: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

/** Resolves with the promise, or rejects with the signal's reason if that comes first; leaves no listener behind. */
function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abandon = (): void => reject(signal.reason);
    if (signal.aborted) return abandon();
    signal.addEventListener('abort', abandon, { once: true });
    promise.then(() => {
      signal.removeEventListener('abort', abandon);
      resolve();
    });
  });
}
