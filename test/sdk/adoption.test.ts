import * as sdk from '@larksuiteoapi/node-sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WSClient } from '../../src/index.js';
import {
  BRISK_CLIENT_CONFIG,
  cardActionEvent,
  DEFAULT_APP,
  type EventDraft,
  messageEvent,
} from '../../src/simulator/index.js';
import { eventually } from '../support/eventually.js';
import { acknowledged, OTHER_APP, type RealPlatform, realPlatform } from '../support/real-world.js';
import type { Lark } from './bots/bot.js';
import { cardBot } from './bots/card-bot.js';
import { FeishuChannel } from './bots/channel-plugin.js';
import { echoBot } from './bots/echo-bot.js';

/* Bots as they are found in the field, run as they are and with the one import changed: what they do is the same. */
const CHANGED: Lark = { ...sdk, WSClient };
// An app for each: the SDK keeps tokens by app, for all of a process.
const LARKS = [
  ["the SDK's client", sdk as Lark, OTHER_APP],
  ['ours', CHANGED, DEFAULT_APP],
] as const;

describe.each(LARKS)('with %s', (_whose, lark, app) => {
  async function world() {
    const platform = await realPlatform({ clientConfig: { ...BRISK_CLIENT_CONFIG, PingInterval: 120 } });
    return { platform, config: { ...app, domain: platform.url } };
  }

  const send = ({ simulator }: RealPlatform, draft: EventDraft) => simulator.send(draft, { appId: app.appId });

  async function online({ simulator }: RealPlatform): Promise<void> {
    await eventually(() => simulator.platform.connections().length === 1, 'the bot is connected');
  }

  test('the echo bot answers, and answers after a drop', async () => {
    const { platform, config } = await world();
    onTestFinished(echoBot(lark, config));
    await online(platform);
    await acknowledged(send(platform, messageEvent({ text: 'one' })), 'the first');
    platform.simulator.inject({ fault: 'drop_socket' });
    await eventually(() => platform.count('opened', app.appId) === 2, 'it is back');
    await acknowledged(send(platform, messageEvent({ text: 'two' })), 'the second');
    expect(platform.simulator.platform.sent.map(({ content }) => content)).toEqual([
      '{"text":"heard one"}',
      '{"text":"heard two"}',
    ]);
  });

  test('the card bot answers a press with a toast and a card', async () => {
    const { platform, config } = await world();
    onTestFinished(cardBot(lark, config));
    await online(platform);
    const press = send(platform, cardActionEvent({ value: { key: 'approve' }, openId: 'ou_1' }));
    await acknowledged(press, 'the press');
    expect(press.result).toEqual({
      toast: { type: 'success', content: 'approve by ou_1' },
      card: { type: 'raw', data: { schema: '2.0', body: { elements: [] } } },
    });
  });

  test('the channel connects, is healthy, tells of a drop, and puts a new client in place of the old one', async () => {
    const { platform, config } = await world();
    const heard: string[] = [];
    const channel = new FeishuChannel(lark, config, async (text) => void heard.push(text));
    onTestFinished(() => channel.disconnect());
    expect(channel.health()).toEqual({ isHealthy: false, lastConnectAt: null });
    await channel.connect();
    expect(channel.health()).toEqual({ isHealthy: true, lastConnectAt: expect.any(Number) });
    await acknowledged(send(platform, messageEvent({ text: 'one' })), 'the first');
    platform.simulator.inject({ fault: 'drop_socket' });
    await eventually(() => channel.log.includes('reconnected'), 'it is back');
    expect(channel.log.filter((line) => line.startsWith('reconnect'))).toEqual(['reconnecting', 'reconnected']);
    await channel.connect();
    await online(platform);
    await acknowledged(send(platform, messageEvent({ text: 'two' })), 'the second');
    expect(heard).toEqual(['one', 'two']);
    expect(channel.log.filter((line) => line.startsWith('info: [ws] ')).length).toBeGreaterThan(0);
    channel.disconnect();
    expect(channel.health()).toEqual({ isHealthy: false, lastConnectAt: null });
  });

  test('the channel rejects where the app is refused', async () => {
    const { platform, config } = await world();
    platform.simulator.inject({ fault: 'discovery_code', code: 514, message: 'auth failed' });
    const channel = new FeishuChannel(lark, config, async () => {});
    onTestFinished(() => channel.disconnect());
    await expect(channel.connect()).rejects.toThrow('auth failed');
    expect(channel.health().isHealthy).toBe(false);
  });
});
