import type * as Sdk from '@larksuiteoapi/node-sdk';

/** What a bot imports from the SDK. With the one import changed `WSClient` is ours, and must fit to the compiler too. */
export type Lark = typeof Sdk;

/** What a bot is told about its app. */
export interface BotConfig {
  readonly appId: string;
  readonly appSecret: string;
  readonly domain: string;
}
