import type { BotConfig, Lark } from './bot.js';

/** The bot of the SDK's README: one object of parameters for both clients, and a start that nobody awaits. */
export function echoBot(lark: Lark, config: BotConfig): () => void {
  const baseConfig = { ...config, appType: lark.AppType.SelfBuild, loggerLevel: lark.LoggerLevel.fatal };
  const client = new lark.Client(baseConfig);
  const wsClient = new lark.WSClient({ ...baseConfig });
  wsClient.start({
    eventDispatcher: new lark.EventDispatcher({ loggerLevel: lark.LoggerLevel.error }).register({
      'im.message.receive_v1': async (data) => {
        const { chat_id: receive_id, content } = data.message;
        await client.im.v1.message.create({
          params: { receive_id_type: 'chat_id' },
          data: {
            receive_id,
            msg_type: 'text',
            content: JSON.stringify({ text: `heard ${JSON.parse(content).text}` }),
          },
        });
      },
    }),
  });
  return () => wsClient.close();
}
