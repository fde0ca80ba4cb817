import type { Clock, Dial, Http, HttpRequest, Reach, Socket, SocketListener, Timer } from '../ports/index.js';
import { CallLog, kindOfCall } from './call-log.js';

/** One socket as it crossed the border. */
export interface Passage {
  /** The platform's name for the connection, from the socket URL. */
  readonly connectionId: string;
  state: 'opening' | 'open' | 'leaving' | 'gone';
  /** When something came in last, in monotonic milliseconds; null before that: then there was no pong either. */
  heardAt: number | null;
}

/**
 * Counts what the connector does to the outside world, on the world's own side of its ports: here it cannot claim what
 * it did not do.
 */
export class Border {
  readonly clock: Clock;
  readonly http: Http;
  readonly dial: Dial;
  readonly reach: Reach;
  readonly #now: () => number;
  readonly #passages = new Map<string, Passage>();
  readonly #onChange: () => void;
  #timers = 0;
  #requests = 0;
  #open = 0;
  #present = 0;
  /** The calls that carried the app's credentials, the probes, and the connections opened only to see whether they open. */
  readonly calls = {
    discovery: new CallLog(),
    token: new CallLog(),
    probe: new CallLog(),
    reach: new CallLog(),
  } as const;

  constructor(
    clock: Clock,
    { http, dial, reach }: { readonly http: Http; readonly dial: Dial; readonly reach: Reach },
    onChange: () => void,
  ) {
    this.#now = () => clock.now();
    this.#onChange = onChange;
    this.clock = {
      now: () => clock.now(),
      wallNow: () => clock.wallNow(),
      timer: (delayMs, fire) => this.#timer(clock, delayMs, fire),
    };
    this.http = async (request) => {
      this.#note(request);
      this.#requests++;
      try {
        return await http(request);
      } finally {
        this.#requests--;
      }
    };
    this.dial = (url, listener) => this.#dial(dial, url, listener);
    this.reach = async (url, limits) => {
      this.calls.reach.record(this.#now());
      this.#requests++;
      try {
        return await reach(url, limits);
      } finally {
        this.#requests--;
      }
    };
  }

  /** Timers that the connector has set and not cancelled. */
  get timerCount(): number {
    return this.#timers;
  }

  /** HTTP requests without an answer yet. */
  get requestCount(): number {
    return this.#requests;
  }

  /** Sockets with a 101 that the connector has not begun to close. */
  get openSocketCount(): number {
    return this.#open;
  }

  /** Sockets in any state but gone. */
  get socketCount(): number {
    return this.#present;
  }

  /** How the socket of this connection stands; null if none was ever dialled. */
  passage(connectionId: string): Passage | null {
    return this.#passages.get(connectionId) ?? null;
  }

  #note(request: HttpRequest): void {
    const kind = kindOfCall(request);
    if (kind === null) return;
    this.calls[kind].record(this.#now());
  }

  #timer(clock: Clock, delayMs: number, fire: () => void): Timer {
    let isPending = true;
    this.#timers++;
    const end = (): boolean => {
      if (!isPending) return false;
      isPending = false;
      this.#timers--;
      return true;
    };
    const timer = clock.timer(delayMs, () => {
      if (end()) fire();
    });
    return {
      cancel: () => {
        if (end()) timer.cancel();
      },
    };
  }

  #dial(dial: Dial, url: string, listener: SocketListener): Socket {
    const passage: Passage = { connectionId: connectionIdOf(url), state: 'opening', heardAt: null };
    this.#passages.set(passage.connectionId, passage);
    if (this.#passages.size > 1_000) for (const [id] of this.#passages) if (this.#forget(id)) break;
    this.#present++;
    const move = (state: Passage['state']): void => {
      if (passage.state === 'gone' || passage.state === state) return;
      if (passage.state === 'open') this.#open--;
      if (state === 'open') this.#open++;
      if (state === 'gone') this.#present--;
      passage.state = state;
      this.#onChange();
    };
    const socket = dial(url, {
      opened: () => {
        move('open');
        listener.opened();
      },
      message: (bytes) => {
        passage.heardAt = this.#now();
        listener.message(bytes);
      },
      text: (length) => listener.text(length),
      pong: () => {
        passage.heardAt = this.#now();
        listener.pong();
      },
      closed: (end) => {
        move('gone');
        listener.closed(end);
      },
    });
    return {
      send: (bytes) => socket.send(bytes),
      ping: () => socket.ping(),
      close: (code, reason, timeoutMs) => {
        move('leaving');
        socket.close(code, reason, timeoutMs);
      },
      terminate: () => {
        move('leaving');
        socket.terminate();
      },
    };
  }

  #forget(id: string): boolean {
    return this.#passages.get(id)?.state === 'gone' && this.#passages.delete(id);
  }
}

function connectionIdOf(url: string): string {
  return /[?&]device_id=(\d+)/.exec(url)?.[1] ?? '';
}
