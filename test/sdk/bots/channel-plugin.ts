import type { BotConfig, Lark } from './bot.js';

type Message = Parameters<
  NonNullable<Parameters<InstanceType<Lark['EventDispatcher']>['register']>[0]['im.message.receive_v1']>
>[0];

/** What the host of channels knows of one account. */
export interface ChannelHealth {
  readonly isHealthy: boolean;
  readonly lastConnectAt: number | null;
}

/**
 * A channel of an agent's gateway: many accounts, each with a client that is held by the SDK's type, a promise of the
 * first connection, health for a probe, and a new client in place of the old one when the host says so.
 */
export class FeishuChannel {
  readonly #lark: Lark;
  readonly #config: BotConfig;
  readonly #onText: (text: string) => Promise<void>;
  readonly log: string[] = [];
  #client: InstanceType<Lark['WSClient']> | null = null;

  constructor(lark: Lark, config: BotConfig, onText: (text: string) => Promise<void>) {
    this.#lark = lark;
    this.#config = config;
    this.#onText = onText;
  }

  /** Resolves once the account is connected. */
  async connect(): Promise<void> {
    const lark = this.#lark;
    // The host's logger takes one text; the SDK's proxy hands over lists.
    const line = (level: string) => (message: unknown[]) => void this.log.push(`${level}: ${message.join(' ')}`);
    const dispatcher = new lark.EventDispatcher({ loggerLevel: lark.LoggerLevel.error });
    dispatcher.register({
      'im.message.receive_v1': (data: Message) => {
        // Acknowledged first, worked on afterwards.
        void this.#onText(JSON.parse(data.message.content).text);
      },
      'im.chat.member.bot.added_v1': async () => {},
    });
    this.disconnect();
    await new Promise<void>((resolve, reject) => {
      this.#client = new lark.WSClient({
        ...this.#config,
        logger: {
          error: line('error'),
          warn: line('warn'),
          info: line('info'),
          debug: line('debug'),
          trace: line('trace'),
        },
        loggerLevel: lark.LoggerLevel.info,
        source: 'channel-plugin',
        wsConfig: { pingTimeout: 3 },
        handshakeTimeoutMs: 15_000,
        onReady: resolve,
        onError: reject,
        onReconnecting: () => this.log.push('reconnecting'),
        onReconnected: () => this.log.push('reconnected'),
      });
      this.#client.start({ eventDispatcher: dispatcher }).catch(reject);
    });
  }

  health(): ChannelHealth {
    const status = this.#client?.getConnectionStatus();
    return { isHealthy: status?.state === 'connected', lastConnectAt: status?.lastConnectTime ?? null };
  }

  disconnect(): void {
    try {
      this.#client?.close({ force: true });
    } finally {
      this.#client = null;
    }
  }
}
