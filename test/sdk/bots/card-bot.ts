import type { BotConfig, Lark } from './bot.js';

interface Frame {
  readonly headers?: readonly { readonly key?: string; readonly value?: string }[];
}

/**
 * A bot with buttons, as such bots are found in the field: it wraps a private method of the SDK's client, and gives
 * `wsConfig` members that never existed.
 */
export function cardBot(lark: Lark, config: BotConfig): () => void {
  const wsClient = new lark.WSClient({
    ...config,
    loggerLevel: lark.LoggerLevel.fatal,
    wsConfig: { PingInterval: 30, PingTimeout: 5 } as object,
  });
  const patched = wsClient as unknown as { handleEventData: (frame: Frame) => unknown };
  const original = patched.handleEventData.bind(wsClient);
  patched.handleEventData = (frame) => {
    const headers = frame.headers?.map((header) => (header.value === 'card' ? { ...header, value: 'event' } : header));
    return original(headers === undefined ? frame : { ...frame, headers });
  };
  const dispatcher = new lark.EventDispatcher({
    encryptKey: 'an-encrypt-key',
    verificationToken: 'a-token',
    loggerLevel: lark.LoggerLevel.error,
  }).register({
    'card.action.trigger': async (data: { action: { value: { key: string } }; operator: { open_id: string } }) => {
      const content = `${data.action.value.key} by ${data.operator.open_id}`;
      return {
        toast: { type: 'success', content },
        card: { type: 'raw', data: { schema: '2.0', body: { elements: [] } } },
      };
    },
  });
  wsClient.start({ eventDispatcher: dispatcher });
  return () => wsClient.close({ force: true });
}
