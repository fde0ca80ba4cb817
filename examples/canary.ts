import { type Canary, type Connector, createConnector } from 'feishu-connector';

const REACTION = 'im.message.reaction.created_v1';
/** One after the other, so that a late canary is not taken for the present one. */
const EMOJIS = ['OK', 'THUMBSUP', 'DONE', 'SMILE'] as const;

/** A reaction that the bot adds to a message of its own and takes away again: nobody is notified of it. */
function reactionCanary(connector: () => Connector, messageId: string): Canary {
  let flights = 0;
  return {
    async cause() {
      const emoji = EMOJIS[flights++ % EMOJIS.length] ?? 'OK';
      const { messageReaction } = connector().client.im.v1;
      const { data } = await messageReaction.create({
        path: { message_id: messageId },
        data: { reaction_type: { emoji_type: emoji } },
      });
      const reactionId = data?.reaction_id;
      if (reactionId === undefined) throw new Error('the platform gave the reaction no id');
      await messageReaction.delete({ path: { message_id: messageId, reaction_id: reactionId } });
      return emoji;
    },
    sees({ type, data }, emoji) {
      const { emoji_type } = (data.reaction_type ?? {}) as { emoji_type?: string };
      return type === REACTION && data.message_id === messageId && emoji_type === emoji;
    },
  };
}

const connector: Connector = createConnector({
  appId: process.env.FEISHU_APP_ID ?? '',
  appSecretFile: '/run/secrets/feishu',
  handlers: {
    'im.message.receive_v1': () => {},
    [REACTION]: () => {}, // else every canary would count as an event without a handler
  },
  catchup: {
    canary: {
      canary: reactionCanary(() => connector, process.env.CANARY_MESSAGE_ID ?? ''),
      schedule: { everyMs: 3_600_000 },
    },
  },
});
await connector.start();
