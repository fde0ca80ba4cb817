import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { CloudEvent } from '../../../src/sinks/index.js';
import type { NatsServer } from '../../support/nats-server.js';

/** Ids of all messages in a stream, oldest first; one that is there twice was stored twice. */
export async function messagesInStream(server: NatsServer, stream: string): Promise<readonly string[]> {
  const connection = await connect({ servers: server.url.replace('nats://', '') });
  try {
    const manager = await jetstreamManager(connection);
    const { messages } = (await manager.streams.info(stream)).state;
    const consumer = await jetstream(connection).consumers.get(stream);
    const ids: string[] = [];
    while (ids.length < messages) {
      const batch = await consumer.fetch({ max_messages: Math.min(1_000, messages - ids.length), expires: 10_000 });
      const before = ids.length;
      for await (const message of batch) ids.push(messageIdOf(message.json<CloudEvent>()));
      if (ids.length === before) throw new Error(`the stream ${stream} gave ${before} of ${messages} messages`);
    }
    return ids;
  } finally {
    await connection.close();
  }
}

function messageIdOf({ data }: CloudEvent): string {
  const { message } = data as { readonly message: { readonly message_id: string } };
  return message.message_id;
}
