import { AUTH_ALERTS } from '../../src/alerts/rules/auth.js';
import { disconnected, fleet, ORDERS, ORDERS_ON_A } from './support/fleet.js';
import { counting, during, hours, minutes } from './support/signals.js';
import { alertStories, allAreTold } from './support/stories.js';

const TENANT = { ...ORDERS_ON_A, token_type: 'tenant' } as const;

alertStories('FeishuConnectRejected', {
  severity: 'critical',
  layer: 'auth',
  dashboard: 'feishu-connection',
  fires: {
    'the platform rejects the credentials': {
      world: disconnected(fleet(), ORDERS_ON_A, minutes(10), minutes(20), {
        failure: 'credentials_rejected',
        verdict: 'operator',
      }),
      quietAt: minutes(10),
      pendingAt: minutes(11),
      firesAt: minutes(20) - 5,
      resolvedAt: minutes(33),
      labels: { ...ORDERS, failure: 'credentials_rejected' },
      description:
        "Attempts of app orders to connect failed 39 times in 10 minutes with credentials_rejected. It is retried slowly, but only a change by a human ends it. Look first at the failure's row in the runbook.",
      also: ['FeishuWsDisconnected'],
    },
  },
  silent: {
    'attempts fail for reasons that end by themselves': {
      world: disconnected(fleet(), ORDERS_ON_A, minutes(10), minutes(40)),
      until: minutes(50),
    },
  },
});

alertStories('FeishuTokenRefreshFailing', {
  severity: 'warning',
  layer: 'auth',
  dashboard: 'feishu-connection',
  fires: {
    'every refresh fails, until one succeeds': {
      world: fleet()
        .change('feishu_token_refresh_duration_seconds_count', TENANT, counting(minutes(10), minutes(42), minutes(2)))
        .change(
          'feishu_token_refresh_failures_total',
          { ...TENANT, failure: 'token_timeout' },
          counting(minutes(10), minutes(40), minutes(2)),
        ),
      quietAt: minutes(13),
      pendingAt: minutes(14.5),
      firesAt: minutes(21),
      resolvedAt: minutes(43),
      labels: TENANT,
      description:
        'Refreshing the tenant token of app orders on a:9464 failed 6 times in 15 minutes, and never succeeded. Look first at the failures by code, then at how long the token in use still lasts.',
      also: [],
    },
  },
  silent: {
    'three refreshes fail and the fourth succeeds': {
      world: fleet()
        .change('feishu_token_refresh_duration_seconds_count', TENANT, counting(minutes(10), minutes(12), 30))
        .change(
          'feishu_token_refresh_failures_total',
          { ...TENANT, failure: 'token_timeout' },
          counting(minutes(10), minutes(11.5), 30),
        ),
      until: minutes(40),
    },
  },
});

alertStories('FeishuTokenNearExpiry', {
  severity: 'critical',
  layer: 'auth',
  dashboard: 'feishu-connection',
  fires: {
    'a token that lasts an hour is not renewed until its last two minutes': {
      world: fleet().change('feishu_token_expiry_timestamp_seconds', TENANT, during(0, minutes(58), hours(1))),
      quietAt: minutes(49),
      pendingAt: minutes(50) + 20,
      firesAt: minutes(52),
      resolvedAt: minutes(59),
      labels: TENANT,
      description:
        'The tenant token of app orders on a:9464 expires in 8m 0s, and half of the time to renew it has gone by. Look first at its refresh failures; with none, at the supervisor.',
      also: [],
    },
  },
  silent: { 'tokens are renewed in time, again and again': { world: fleet(), stepSeconds: 30, until: hours(6) } },
});

alertStories('FeishuTokenExpired', {
  severity: 'critical',
  layer: 'auth',
  dashboard: 'feishu-connection',
  fires: {
    'a token is not renewed at all, until it is': {
      world: fleet().change('feishu_token_expiry_timestamp_seconds', TENANT, during(0, minutes(40), minutes(30))),
      quietAt: minutes(29),
      pendingAt: minutes(30) + 50,
      firesAt: minutes(33),
      resolvedAt: minutes(41),
      labels: TENANT,
      description:
        'The tenant token of app orders on a:9464 expired at 1970-01-01 00:30:00 +0000 UTC. Sending messages fails. Look first at its refresh failures, and whether the app secret was rotated.',
      also: ['FeishuTokenNearExpiry'],
    },
  },
  silent: {
    'there was never a token, because nobody asked for one': {
      world: fleet().change('feishu_token_expiry_timestamp_seconds', TENANT, during(0, hours(2), 0)),
      until: hours(1),
    },
  },
});

alertStories('FeishuApiLimited', {
  severity: 'warning',
  layer: 'auth',
  dashboard: 'feishu-events',
  fires: {
    'a call is refused for the rate': {
      world: fleet().change(
        'feishu_api_limited_total',
        { ...ORDERS_ON_A, reason: 'rate' },
        counting(minutes(10), minutes(11), 60),
      ),
      quietAt: minutes(9.5),
      pendingAt: minutes(10) + 35,
      firesAt: minutes(14),
      resolvedAt: minutes(27),
      labels: { ...ORDERS_ON_A, reason: 'rate' },
      description:
        '1 REST calls of app orders on a:9464 were refused in 15 minutes for the rate. Look first at the calls by route: one of them is made too often. The quota comes back only with the next month.',
      also: [],
    },
  },
});

allAreTold(AUTH_ALERTS);
