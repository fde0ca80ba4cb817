import { pathToFileURL } from 'node:url';
import { AckPolicy, type ConsumerConfig, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** What the connector's JetStream sink publishes: a CloudEvent. */
export interface FeishuCloudEvent {
  readonly id: string;
  readonly source: string; // urn:feishu: and the app id
  readonly type: string; // cn.feishu. and the event type
  readonly subject?: string; // the chat id
  readonly time?: string;
  readonly feishuapp: string;
  readonly feishusource: 'push' | 'redelivery' | 'catchup';
  readonly data: Readonly<Record<string, unknown>>;
}

export interface WorkerOptions {
  readonly servers: string;
  readonly stream: string;
  /** Workers of one group share the events; every group gets all of them. */
  readonly group: string;
  /** Takes this share of `partitions` alone, one event at a time: all of a chat, in order. Left out: any event, in no order. */
  readonly partition?: number;
  /** Events at a time without a partition. Default 32. */
  readonly concurrency?: number;
  /** Handles one event. `key` names it for good: remember it together with what you did, and a repeat does nothing. */
  readonly handle: (event: FeishuCloudEvent, key: string) => Promise<void>;
}

const ACK_WAIT_MS = 30_000; // without a word for so long a worker counts as dead, and another one gets its events
const RETRY_MS = [1_000, 5_000, 25_000, 125_000];
const nanos = (ms: number) => ms * 1_000_000;

/** Takes part in a group until `stop` is called, which lets what is under way finish. */
export async function startWorker(options: WorkerOptions): Promise<{ stop(): Promise<void> }> {
  const { servers, stream, group, partition, concurrency = 32, handle } = options;
  const connection = await connect({
    servers: servers.split(','),
    waitOnFirstConnect: true, // a broker that is down at the start is waited for
    maxReconnectAttempts: -1, // and one that goes away later, for ever
    ignoreAuthErrorAbort: true, // even if it refuses us twice in a row
    pingInterval: 10_000,
  });
  const name = partition === undefined ? group : `${group}-${partition}`;
  const wanted: Partial<ConsumerConfig> = {
    durable_name: name,
    filter_subject: partition === undefined ? 'feishu.>' : `feishu.${partition}.>`,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    // One at a time over the whole group is what keeps the order: also a retry comes before what follows it.
    max_ack_pending: partition === undefined ? 1_000 : 1,
  };
  const { consumers } = await jetstreamManager(connection);
  await consumers.add(stream, wanted); // the same again is no error
  const consumer = await jetstream(connection).consumers.get(stream, name);
  const messages = await consumer.consume({ max_messages: partition === undefined ? concurrency : 1 });

  const takeOne = async (message: JsMsg): Promise<void> => {
    // A slow handler is no dead one.
    const alive = setInterval(() => message.working(), ACK_WAIT_MS / 3);
    try {
      await handle(message.json<FeishuCloudEvent>(), message.headers?.get('Nats-Msg-Id') ?? String(message.seq));
      // Waits for the server's word. It may come again all the same: a server that is killed forgets its latest acks.
      await message.ackAck();
    } catch (error) {
      const failures = message.info.deliveryCount;
      console.error(`event ${message.seq}: failure ${failures}: ${String(error)}`);
      const delayMs = RETRY_MS[failures - 1];
      // After the last retry it is given up: the server tells it in $JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>
      if (delayMs === undefined) message.term('too many failures');
      else message.nak(delayMs);
    } finally {
      clearInterval(alive);
    }
  };

  const underWay = new Set<Promise<void>>();
  const work = (async () => {
    for await (const message of messages) {
      const taken = takeOne(message).finally(() => underWay.delete(taken));
      underWay.add(taken);
      if (underWay.size >= concurrency) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  })();

  return {
    async stop() {
      await messages.close();
      await work;
      await connection.drain();
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const partition = process.env.PARTITION;
  const worker = await startWorker({
    servers: process.env.NATS_SERVERS ?? '127.0.0.1:4222',
    stream: process.env.NATS_STREAM ?? 'FEISHU',
    group: 'bot',
    ...(partition !== undefined && { partition: Number(partition) }),
    handle: async (event, key) => {
      console.log(`${event.feishuapp}: ${event.type} in ${event.subject ?? 'no chat'} (${key})`);
    },
  });
  process.once('SIGTERM', () => void worker.stop());
}
