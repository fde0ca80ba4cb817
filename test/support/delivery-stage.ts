import {
  type DeliveryReport,
  type FeishuEvent,
  type HandlerContext,
  type HandlerLogger,
  type Handlers,
  handlersDispatcher,
  Pipeline,
  type PipelineParts,
  type Session,
} from '../../src/delivery/index.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import { type Ack, decodeFrame, encodeFrame, type Frame, METHOD, parseAck } from '../../src/wire/index.js';

export const MESSAGE = 'im.message.receive_v1';
export const CARD = 'card.action.trigger';

/** One run of a handler, to be settled by the test. */
export interface StagedRun {
  readonly event: FeishuEvent;
  readonly context: HandlerContext;
  readonly succeed: (result?: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/** A Session that keeps what was sent on it. */
export class StagedSession implements Session {
  readonly attempt: number;
  readonly acks: Ack[] = [];
  readonly frames: Frame[] = [];
  isOpen = true;

  constructor(attempt: number) {
    this.attempt = attempt;
  }

  send(bytes: Uint8Array): boolean {
    if (!this.isOpen) return false;
    const frame = decodeFrame(bytes);
    this.frames.push(frame);
    this.acks.push(parseAck(frame));
    return true;
  }

  get codes(): number[] {
    return this.acks.map((ack) => ack.code);
  }
}

export interface FrameOptions {
  readonly id?: string;
  readonly type?: string;
  readonly messageId?: string;
  readonly createTime?: number | null;
  readonly content?: unknown;
}

const encoder = new TextEncoder();
let lastMessage = 0;

export function payloadOf({ id = 'e1', type = MESSAGE, createTime = null, content = {} }: FrameOptions = {}) {
  const time = createTime === null ? {} : { create_time: String(createTime) };
  const header = { event_id: id, event_type: type, app_id: 'cli_a1b2c3d4e5f60718', tenant_key: 'tenant', ...time };
  return encoder.encode(JSON.stringify({ schema: '2.0', header, event: content }));
}

/** A data frame as it comes off a socket. */
export function rawFrame(headers: Record<string, string>, payload: Uint8Array = payloadOf()): Frame {
  const frame: Frame = {
    seqId: 2n ** 63n + 1n,
    logId: 7n,
    service: 33554678,
    method: METHOD.data,
    headers: Object.entries(headers).map(([key, value]) => ({ key, value })),
    payload,
  };
  return decodeFrame(encodeFrame(frame));
}

/** A whole event in one frame, under a message id of its own. */
export function eventFrame(options: FrameOptions = {}): Frame {
  lastMessage += 1;
  const message_id = options.messageId ?? `m${lastMessage}`;
  return rawFrame({ type: 'event', message_id, sum: '1', seq: '0', trace_id: 't' }, payloadOf(options));
}

/** The same event in `sum` frames. */
export function fragmentsOf(messageId: string, sum: number, payload: Uint8Array = payloadOf()): Frame[] {
  const size = Math.ceil(payload.length / sum);
  return Array.from({ length: sum }, (_, seq) =>
    rawFrame(
      { type: 'event', message_id: messageId, sum: String(sum), seq: String(seq), trace_id: 't' },
      payload.slice(seq * size, (seq + 1) * size),
    ),
  );
}

const silent = () => {};
export const SILENT_LOGGER: HandlerLogger = { debug: silent, info: silent, warn: silent, error: silent };

/** A Pipeline in virtual time, whose handlers the test settles one by one unless it brings its own. */
export class DeliveryStage {
  readonly clock = new VirtualClock();
  readonly reports: DeliveryReport[] = [];
  readonly runs: StagedRun[] = [];
  readonly session = new StagedSession(1);
  readonly pipeline: Pipeline;

  constructor(parts: Partial<PipelineParts> & { readonly handlers?: Handlers } = {}) {
    const { handlers = { '*': (event, context) => this.#stage(event, context) }, ...rest } = parts;
    this.pipeline = new Pipeline({
      clock: this.clock,
      report: (report) => this.reports.push(report),
      dispatcher: handlersDispatcher(handlers),
      contextOf: (_event, { attempt, signal }) => ({ client: null, logger: SILENT_LOGGER, attempt, signal }),
      ...rest,
    });
  }

  /** Brings a frame and lets every promise run. */
  async bring(frame: Frame, session: Session = this.session): Promise<void> {
    this.pipeline.receive(frame, session);
    await this.settle();
  }

  async settle(): Promise<void> {
    await this.clock.advanceBy(0);
  }

  run(index: number): StagedRun {
    const run = this.runs[index];
    if (run === undefined) throw new Error(`run ${index} has not begun; ${this.runs.length} have`);
    return run;
  }

  async succeed(index: number, result?: unknown): Promise<void> {
    this.run(index).succeed(result);
    await this.settle();
  }

  async fail(index: number, error: unknown): Promise<void> {
    this.run(index).fail(error);
    await this.settle();
  }

  told<Type extends DeliveryReport['type']>(type: Type): Extract<DeliveryReport, { type: Type }>[] {
    return this.reports.filter((report) => report.type === type) as Extract<DeliveryReport, { type: Type }>[];
  }

  #stage(event: FeishuEvent, context: HandlerContext): Promise<unknown> {
    return new Promise((succeed, fail) => {
      this.runs.push({ event, context, succeed, fail });
    });
  }
}
