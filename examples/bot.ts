import { createConnector } from 'feishu-connector';

const connector = createConnector({
  appId: process.env.FEISHU_APP_ID ?? '',
  appSecretFile: '/run/secrets/feishu', // or appSecret: a string, or a function that is asked anew each time
  handlers: {
    'im.message.receive_v1': async (event, { client, signal, logger }) => {
      if (signal.aborted) return; // the deadline has passed, or the connector stops
      logger.info({ event_id: event.id, age_ms: event.ageMs }, 'a message');
      const { message_id } = event.data.message as { message_id: string };
      await client.im.v1.message.reply({
        path: { message_id },
        data: { msg_type: 'text', content: JSON.stringify({ text: 'Heard you.' }) },
      });
    },
    'card.action.trigger': () => ({ toast: { type: 'success', content: 'Done.' } }), // the answer goes into the ack
  },
});

connector.on('reconnected', ({ outage }) => console.warn(`was deaf for ${Math.round(outage.durationMs / 1_000)} s`));
await connector.start(); // resolves once it runs; it never waits for the platform
await connector.ready(); // resolves once the platform has answered a ping on the socket
process.once('SIGTERM', () => void connector.stop({ drainMs: 10_000 }));
