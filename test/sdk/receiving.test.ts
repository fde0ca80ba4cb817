import { expect, test } from 'vitest';
import {
  BRISK_CLIENT_CONFIG,
  cardActionEvent,
  customEvent,
  DEFAULT_APP,
  type EventDraft,
  messageEvent,
} from '../../src/simulator/index.js';
import { eventually } from '../support/eventually.js';
import { acknowledged, OTHER_APP, type RealPlatform, realConnector, realPlatform } from '../support/real-world.js';
import { sdkPeer } from '../support/sdk-client.js';

/*
 * What two clients make of the same frames: the official SDK as it comes, under the app OTHER_APP, and this connector,
 * under DEFAULT_APP. X-numbers are rows of the audit of SDK 1.74.0, F-numbers failure modes of the field.
 */
const SDK = OTHER_APP.appId;
const OURS = DEFAULT_APP.appId;
const MESSAGE = 'im.message.receive_v1';
const UNHURRIED = { ...BRISK_CLIENT_CONFIG, PingInterval: 120 };

/** Holds handlers until it is opened. */
class Door {
  /** How many came so far. */
  visits = 0;
  #open: () => void = () => {};
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  pass(): Promise<void> {
    this.visits += 1;
    return this.#opened;
  }

  open(): void {
    this.#open();
  }
}

/** The same event, once to each client. */
function sendToBoth({ simulator }: RealPlatform, draft: EventDraft) {
  return { toSdk: simulator.send(draft, { appId: SDK }), toUs: simulator.send(draft, { appId: OURS }) };
}

/** Both clients, connected to one platform. */
async function both(
  {
    sdk: sdkOptions,
    ours: ourOptions,
  }: {
    sdk?: Parameters<typeof sdkPeer>[1];
    ours?: Parameters<typeof realConnector>[1];
  } = {},
  platformOptions: Parameters<typeof realPlatform>[0] = { clientConfig: UNHURRIED },
) {
  const platform = await realPlatform(platformOptions);
  const sdk = sdkPeer(platform.url, { app: OTHER_APP, ...sdkOptions });
  const ours = realConnector(platform.url, ourOptions);
  await Promise.all([sdk.connect(), ours.connect()]);
  return { platform, sdk, ours };
}

test('X8, F03: a half-open socket stays `connected` to the SDK; we notice, replace it, and receive', async () => {
  const { platform, sdk, ours } = await both(
    { ours: { connection: { heartbeatMs: 100, answerTimeoutMs: 150, suspicionMs: 150 } } },
    { clientConfig: BRISK_CLIENT_CONFIG, ackDeadlineMs: 100, redeliveryScale: 0.001 },
  );
  const { connectionId: deaf } = ours.connector.status().connected;
  platform.simulator.inject({ fault: 'half_open' });
  const { toSdk, toUs } = sendToBoth(platform, messageEvent());
  const isElsewhere = () => {
    const { is, connectionId } = ours.connector.status().connected;
    return is && connectionId !== deaf;
  };
  await eventually(isElsewhere, 'we are connected on another socket');
  expect(sdk.state).toBe('connected');
  expect(sdk.told).toEqual(['ready']);
  expect([sdk.handled, toSdk.acks]).toEqual([[], []]);
  // The network heals, the platform sees that our old socket is dead, and its redelivery finds the new one.
  platform.simulator.clear();
  await acknowledged(toUs, 'what the half-open socket had swallowed');
  expect(ours.handled.map(({ id }) => id)).toEqual([toUs.eventId]);
});

test('X10, F19: a pong `{}` makes the SDK ping without pause; our pace stays', async () => {
  // The pause that runs when the pong comes is still the one of discovery: a second.
  const platform = await realPlatform({ clientConfig: BRISK_CLIENT_CONFIG });
  platform.simulator.inject({ fault: 'pong_payload', payload: 'empty' });
  const ours = realConnector(platform.url);
  await ours.connect();
  const sdk = sdkPeer(platform.url, { app: OTHER_APP });
  await sdk.connect();
  await eventually(() => platform.count('ping', SDK) >= 100, 'a hundred pings of the SDK');
  sdk.client.close({ force: true });
  expect(platform.count('ping', OURS)).toBeLessThan(5);
  expect(ours.connector.status().connected.is).toBe(true);
});

test('X11, F32: garbage and text are an error log to the SDK 1.74; we count and log each by its reason', async () => {
  const { platform, sdk, ours } = await both();
  platform.simulator.inject({ fault: 'garbage_frame' });
  platform.simulator.inject({ fault: 'text_frame', text: 'hello' });
  const { toSdk, toUs } = sendToBoth(platform, messageEvent());
  await Promise.all([acknowledged(toSdk, 'an event of the SDK'), acknowledged(toUs, 'an event of ours')]);
  expect(sdk.lines.filter((line) => line.includes('failed to handle inbound frame'))).toHaveLength(2);
  for (const reason of ['malformed', 'text']) {
    expect(await ours.metric(`feishu_ws_frame_errors_total{app="bot",reason="${reason}"}`), reason).toBe(1);
    expect(ours.logs).toContainEqual(expect.objectContaining({ event: 'frame_error', reason, level: 40 }));
  }
  expect(platform.count('opened', SDK)).toBe(1);
  expect(platform.count('opened', OURS)).toBe(1);
});

test('X12, F24: an event glued to the 101 is lost to the SDK without a trace; we handle and acknowledge it', async () => {
  const platform = await realPlatform({ clientConfig: UNHURRIED });
  platform.simulator.inject({ fault: 'glue_to_101', times: 1, appId: SDK });
  platform.simulator.inject({ fault: 'glue_to_101', times: 1, appId: OURS });
  const sdk = sdkPeer(platform.url, { app: OTHER_APP });
  const ours = realConnector(platform.url);
  await Promise.all([sdk.connect(), ours.connect()]);
  // Frames come in order: once the later event is through, so would the glued one be.
  const { toSdk, toUs } = sendToBoth(platform, messageEvent({ text: 'later' }));
  await Promise.all([acknowledged(toSdk, 'a later event of the SDK'), acknowledged(toUs, 'a later event of ours')]);
  const gluedTo = (appId: string) => platform.simulator.ledger.events.find((event) => event.appId === appId);
  expect(gluedTo(SDK)).toMatchObject({ state: 'pending', acks: [] });
  expect(sdk.handled.map((event) => event.event_id)).toEqual([toSdk.eventId]);
  expect(sdk.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  const glued = gluedTo(OURS);
  expect(glued).toMatchObject({ state: 'acknowledged', acks: [{ code: 200 }] });
  expect(ours.handled.map(({ id }) => id)).toEqual([glued?.eventId, toUs.eventId]);
});

test('X15, F13: a handler that throws is 500 in both acknowledgements, and the redelivery is handled by both', async () => {
  const failures = { sdk: 0, ours: 0 };
  const failOnce = (whose: keyof typeof failures) => async () => {
    failures[whose] += 1;
    if (failures[whose] === 1) throw new Error('the database is away');
  };
  const { platform, sdk, ours } = await both(
    { sdk: { handlers: { [MESSAGE]: failOnce('sdk') } }, ours: { handlers: { [MESSAGE]: failOnce('ours') } } },
    { clientConfig: UNHURRIED, redeliveryScale: 0.001 },
  );
  const { toSdk, toUs } = sendToBoth(platform, messageEvent());
  await Promise.all([acknowledged(toSdk, 'the second try of the SDK'), acknowledged(toUs, 'our second try')]);
  expect(toSdk.acks.map(({ code }) => code)).toEqual([500, 200]);
  expect(toUs.acks.map(({ code }) => code)).toEqual([500, 200]);
  expect(failures).toEqual({ sdk: 2, ours: 2 });
  expect(sdk.says('invoke event failed')).toBe(true);
  const failed = `feishu_event_handler_failures_total{app="bot",event_type="${MESSAGE}",reason="thrown"}`;
  expect(await ours.metric(failed)).toBe(1);
});

test('X16, F24: the SDK acknowledges on whichever socket is current; we only on the one that brought the event', async () => {
  const doors = { sdk: new Door(), ours: new Door() };
  const waiting = (whose: keyof typeof doors) => () => doors[whose].pass();
  const { platform, sdk, ours } = await both(
    { sdk: { handlers: { [MESSAGE]: waiting('sdk') } }, ours: { handlers: { [MESSAGE]: waiting('ours') } } },
    { clientConfig: UNHURRIED, ackDeadlineMs: 500, redeliveryScale: 0.001 },
  );
  const { toSdk, toUs } = sendToBoth(platform, messageEvent());
  await eventually(() => doors.sdk.visits >= 1 && doors.ours.visits >= 1, 'both handlers run');
  platform.simulator.inject({ fault: 'drop_socket' });
  await eventually(() => sdk.told.includes('reconnected'), 'the SDK is back');
  await eventually(() => platform.count('opened', OURS) === 2, 'we are back');
  await ours.connector.ready();
  doors.sdk.open();
  doors.ours.open();
  await eventually(() => toSdk.acks.length > 0, 'the acknowledgement of the SDK');
  expect(toSdk.acks[0]?.connectionId).not.toBe(toSdk.deliveries[0]?.connectionId);
  await ours.metricReaches('feishu_event_ack_failures_total{app="bot",failure="socket_gone"}', 1);
  // The platform asks again, and is told by deduplication: the work was done once.
  await acknowledged(toUs, 'the redelivery');
  const [ack] = toUs.acks;
  const answered = toUs.deliveries.find(({ messageId }) => messageId === ack?.messageId);
  expect(answered?.connectionId).toBe(ack?.connectionId);
  expect(doors.ours.visits).toBe(1);
});

test('X17, F40: a slow event does not hold up the next, for either', async () => {
  const door = new Door();
  const slowThenQuick = () => {
    let calls = 0;
    return () => {
      calls += 1;
      return calls === 1 ? door.pass() : Promise.resolve();
    };
  };
  const { platform } = await both({
    sdk: { handlers: { [MESSAGE]: slowThenQuick() } },
    ours: { handlers: { [MESSAGE]: slowThenQuick() } },
  });
  const slow = sendToBoth(platform, messageEvent({ text: 'a' }));
  await eventually(() => door.visits === 2, 'both slow handlers run');
  const quick = sendToBoth(platform, messageEvent({ text: 'b' }));
  await Promise.all([acknowledged(quick.toSdk, 'b of the SDK'), acknowledged(quick.toUs, 'b of ours')]);
  expect([slow.toSdk.state, slow.toUs.state]).toEqual(['pending', 'pending']);
  door.open();
  await Promise.all([acknowledged(slow.toSdk, 'a of the SDK'), acknowledged(slow.toUs, 'a of ours')]);
});

test('X18, F25: the same event twice is handled twice by the SDK and once by us, acknowledged each time', async () => {
  for (const messageId of ['same', 'new'] as const) {
    const { platform, sdk, ours } = await both();
    platform.simulator.inject({ fault: 'duplicate_events', messageId });
    const { toSdk, toUs } = sendToBoth(platform, messageEvent());
    await eventually(() => toSdk.acks.length === 2 && toUs.acks.length === 2, 'both acknowledgements of both');
    expect(sdk.handled, messageId).toHaveLength(2);
    expect(ours.handled, messageId).toHaveLength(1);
    expect(toUs.acks.map(({ code }) => code)).toEqual([200, 200]);
    expect(await ours.metric('feishu_event_duplicates_total{app="bot"}')).toBe(1);
  }
});

test('X19, F15: one of two fragments is no event and no acknowledgement, for either; the redelivery is whole', async () => {
  const { platform, sdk, ours } = await both();
  const partly = { fault: 'fragment_events', parts: 2, missingSeq: 1, times: 1 } as const;
  platform.simulator.inject({ ...partly, appId: SDK });
  platform.simulator.inject({ ...partly, appId: OURS });
  const torn = sendToBoth(platform, messageEvent({ text: 'torn' }));
  const whole = sendToBoth(platform, messageEvent({ text: 'whole' }));
  await Promise.all([acknowledged(whole.toSdk, 'a later event of the SDK'), acknowledged(whole.toUs, 'one of ours')]);
  expect([torn.toSdk.acks, torn.toUs.acks]).toEqual([[], []]);
  expect(sdk.handled).toHaveLength(1);
  // That we tell of it when it expires is told in virtual time: it takes a minute.
  expect(ours.handled.map(({ id }) => id)).toEqual([whole.toUs.eventId]);
});

test('X20, F33: the older card callback gets no acknowledgement of either; we say what to do about it', async () => {
  const { platform, sdk, ours } = await both();
  platform.simulator.inject({ fault: 'card_frame' });
  const { toSdk, toUs } = sendToBoth(platform, messageEvent());
  await Promise.all([acknowledged(toSdk, 'a later event of the SDK'), acknowledged(toUs, 'a later event of ours')]);
  expect([platform.count('ack', SDK), platform.count('ack', OURS)]).toEqual([1, 1]);
  expect(sdk.says('card')).toBe(false);
  expect(await ours.metric('feishu_events_dropped_total{app="bot",reason="card_frame"}')).toBe(1);
  expect(ours.logs).toContainEqual(
    expect.objectContaining({
      event: 'dropped',
      reason: 'card_frame',
      detail: 'publish the callback subscription of the app anew, for the long connection',
    }),
  );
});

test('X21, F42: an event without a handler is acknowledged 200 by both; the SDK hides it in the answer, we count it', async () => {
  const { platform, ours } = await both({ ours: { handlers: { [MESSAGE]: async () => {} } } });
  const { toSdk, toUs } = sendToBoth(platform, customEvent('im.chat.disbanded_v1', {}));
  await Promise.all([acknowledged(toSdk, 'an unknown event of the SDK'), acknowledged(toUs, 'one of ours')]);
  expect(toSdk.result).toBe('no im.chat.disbanded_v1 event handle');
  expect(toUs.result).toBeNull();
  expect(await ours.metric('feishu_events_dropped_total{app="bot",reason="no_handler"}')).toBe(1);
  expect(ours.logs).toContainEqual(
    expect.objectContaining({ event: 'dropped', reason: 'no_handler', event_type: 'im.chat.disbanded_v1' }),
  );
});

test('X24: the SDK reports its handling time as start minus end; ours is a duration', async () => {
  const door = new Door();
  const handler = () => door.pass();
  const { platform } = await both({
    sdk: { handlers: { [MESSAGE]: handler } },
    ours: { handlers: { [MESSAGE]: handler } },
  });
  const { toSdk, toUs } = sendToBoth(platform, messageEvent());
  await eventually(() => door.visits === 2, 'both handlers run');
  const startedAt = performance.now();
  // So long that the difference is no rounding: two milliseconds of the machine's own clock.
  await eventually(() => performance.now() - startedAt > 2, 'two milliseconds');
  door.open();
  await Promise.all([acknowledged(toSdk, 'the event of the SDK'), acknowledged(toUs, 'the event of ours')]);
  expect(toSdk.acks[0]?.bizRtMs).toBeLessThan(0);
  expect(toUs.acks[0]?.bizRtMs).toBeGreaterThan(0);
});

test('F33: a card press is answered by both in the acknowledgement, with the same content', async () => {
  const toast = { toast: { type: 'info', content: '收到' } };
  const handlers = { 'card.action.trigger': async () => toast };
  const { platform } = await both({ sdk: { handlers }, ours: { handlers } });
  const { toSdk, toUs } = sendToBoth(platform, cardActionEvent());
  await Promise.all([acknowledged(toSdk, 'the press of the SDK'), acknowledged(toUs, 'the press of ours')]);
  expect(toSdk.result).toEqual(toast);
  expect(toUs.result).toEqual(toast);
});

test('F32: both survive a close frame `1000 bye` of the gateway, and receive after it', async () => {
  const { platform, sdk, ours } = await both();
  platform.simulator.inject({ fault: 'close_socket', code: 1000, reason: 'bye' });
  await eventually(() => sdk.told.includes('reconnected'), 'the SDK is back');
  await ours.metricReaches('feishu_ws_disconnects_total{app="bot",failure="closed_by_peer"}', 1);
  await ours.connector.ready();
  const { toSdk, toUs } = sendToBoth(platform, messageEvent());
  await Promise.all([acknowledged(toSdk, 'an event of the SDK'), acknowledged(toUs, 'an event of ours')]);
});
