import { type Board, shelf } from './board.js';
import { bars, lines, spread, timeline } from './kinds.js';
import { LIMITS } from './limits.js';
import { COLORS } from './panel.js';
import { buckets, counted, gauge, increase, quantile, rate, secondsSince, shareUpTo } from './query.js';
import { CONNECTED, CONNECTION_STATES, connectionState, ENABLED, SERVER_VIEW, serverView } from './states.js';

const CONNECTION = 'job, instance, app';
const SILENCE_LIMIT = `${LIMITS.FeishuWsHalfOpen.value} * ${gauge('feishu_ws_heartbeat_interval_seconds')}`;
const ATTEMPT_LIMIT = `${gauge('feishu_ws_backoff_max_seconds')} + ${LIMITS.FeishuWsReconnectStuck.value}`;
const TOKEN_LIMIT = `${LIMITS.FeishuTokenNearExpiry.value} * ${gauge('feishu_token_refresh_margin_seconds')}`;
const VIEW_LIMIT = `${LIMITS.FeishuServerViewStale.value} * ${gauge('feishu_ws_server_view_interval_seconds')}`;
const DOWN = `on (${CONNECTION}) ${gauge('feishu_ws_connected')} == 0`;

export const CONNECTION_BOARD: Board = {
  uid: 'feishu-connection',
  title: 'Feishu / Connection',
  question: 'Why is it silent?',
  sections: [
    {
      id: 100,
      title: 'What state is each connection in?',
      shelves: [
        shelf(
          7,
          [
            9,
            timeline({
              id: 1,
              title: 'State',
              normal: 'connected, all the time.',
              act: 'waiting is between two attempts, so read Failures by code below. suspect means that heartbeats are missing. stopped while enabled means that it gave up: restart that process. A gap: not scraped.',
              unit: 'none',
              queries: [{ expr: connectionState(), legend: '{{app}} {{instance}}' }],
              states: CONNECTION_STATES,
              alerts: ['FeishuWsDisconnected', 'FeishuWsGaveUp'],
            }),
          ],
          [
            5,
            timeline({
              id: 2,
              title: 'Connected',
              normal: 'green wherever the panel beside it says enabled.',
              act: 'red beside enabled is an outage of that instance; red beside paused is a pause on purpose.',
              unit: 'none',
              queries: [{ expr: gauge('feishu_ws_connected'), legend: '{{app}} {{instance}}' }],
              states: CONNECTED,
              alerts: ['FeishuWsDisconnected'],
            }),
          ],
          [
            5,
            timeline({
              id: 3,
              title: 'Enabled',
              normal: 'enabled. Only an operator pauses a connection; a shutdown never does.',
              act: 'paused and nobody knows why: ask who did it before you resume it.',
              unit: 'none',
              queries: [{ expr: gauge('feishu_ws_enabled'), legend: '{{app}} {{instance}}' }],
              states: ENABLED,
            }),
          ],
          [
            5,
            timeline({
              id: 24,
              title: 'Server view',
              noValue: 'Nobody asks, or no data',
              normal: 'agrees: the platform counts as many connections as we hold.',
              act: 'zombie: one of ours gets no events although it answers pings. foreign consumer: somebody else takes a share. ghost: one that is gone is still counted, and passes by itself. unknown: the question fails.',
              unit: 'none',
              queries: [{ expr: serverView(), legend: '{{app}} {{instance}}' }],
              states: SERVER_VIEW,
              alerts: ['FeishuWsZombie', 'FeishuWsForeignConsumer'],
            }),
          ],
        ),
      ],
    },
    {
      id: 105,
      title: 'Does the platform see us? (where it is asked)',
      shelves: [
        shelf(
          7,
          [
            6,
            lines({
              id: 25,
              title: 'Connections held and counted',
              noValue: 'Nobody asks, or no data',
              normal: 'both lines on top of each other, all instances of an app together.',
              act: 'fewer counted than held: a zombie. More: somebody else, an instance that Prometheus does not know, or for minutes a ghost.',
              unit: 'short',
              decimals: 0,
              isStepped: true,
              queries: [
                { expr: `sum by (job, app) (${gauge('feishu_ws_connections_proven')})`, legend: 'held {{app}}' },
                { expr: `max by (job, app) (${gauge('feishu_ws_server_connections')})`, legend: 'counted {{app}}' },
              ],
              alerts: ['FeishuWsZombie', 'FeishuWsForeignConsumer'],
            }),
          ],
          [
            6,
            lines({
              id: 26,
              title: 'Since the platform told its count',
              noValue: 'Never yet, or nobody asks',
              normal: 'a saw-tooth of a quarter of an hour, while connected.',
              act: 'above the dashed line the witness is blind: the log says why the question fails. A tooth of an hour: the call budget is slowed.',
              unit: 's',
              queries: [
                { expr: secondsSince('feishu_ws_server_view_timestamp_seconds'), legend: '{{app}} {{instance}}' },
                {
                  expr: `max by (job, app) (${VIEW_LIMIT})`,
                  legend: 'limit {{app}}',
                  limitOf: 'FeishuServerViewStale',
                },
              ],
              alerts: ['FeishuServerViewStale'],
              steps: [{ value: null, color: COLORS.neutral }],
            }),
          ],
          [
            6,
            bars({
              id: 27,
              title: 'Doubts and proofs',
              normal: 'none.',
              act: 'a doubt alone replaces nothing. A proof does: unseen message is history that we were not given, count below the platform, silence the pattern of this app.',
              unit: 'short',
              queries: [
                { expr: counted('feishu_ws_suspicions_total', 'reason'), legend: 'doubt {{reason}}' },
                { expr: counted('feishu_ws_proofs_total', 'reason'), legend: 'proof {{reason}}' },
              ],
              steps: [{ value: null, color: COLORS.neutral }],
            }),
          ],
          [
            6,
            lines({
              id: 28,
              title: 'Replacements, in 6 hours',
              normal: 'none.',
              act: 'each was a deaf connection that healed itself. In vain: no event came over the new one either, so look at the console, not at the connection.',
              unit: 'short',
              queries: [
                {
                  expr: `sum by (job, app) (${increase('feishu_ws_replacements_advised_total', '6h')})`,
                  legend: 'advised {{app}}',
                },
                {
                  expr: `sum by (job, app) (${increase('feishu_ws_replacements_vain_total', '6h')})`,
                  legend: 'in vain {{app}}',
                },
              ],
              steps: [{ value: null, color: COLORS.neutral }],
            }),
          ],
        ),
      ],
    },
    {
      id: 101,
      title: 'Why do attempts fail?',
      shelves: [
        shelf(
          7,
          [
            8,
            bars({
              id: 4,
              title: 'Failures by code',
              normal: 'none.',
              act: 'the code is the key to the runbook and to the log line with the detail: discovery_… is the ticket endpoint, dial_… the gateway, proof_timeout a socket that opened and stayed mute.',
              unit: 'short',
              queries: [
                {
                  expr: counted('feishu_ws_connect_failures_total', 'failure'),
                  legend: '{{failure}}',
                },
              ],
              alerts: ['FeishuWsDisconnected'],
            }),
          ],
          [
            8,
            lines({
              id: 5,
              title: 'Failures that need a human, in 10 minutes',
              normal: 'zero.',
              act: 'credentials, a disabled app, the wrong domain, too many connections, an untrusted certificate: it is retried slowly, but only a change ends it.',
              unit: 'short',
              queries: [
                {
                  expr: `sum by (job, app, failure) (${increase('feishu_ws_connect_failures_total', '10m', 'verdict="operator"')})`,
                  legend: '{{app}} {{failure}}',
                },
              ],
              alerts: ['FeishuConnectRejected'],
            }),
          ],
          [
            8,
            lines({
              id: 6,
              title: 'Attempts',
              normal: 'none while connected; after a loss a few, then ever fewer as the backoff grows.',
              act: 'none at all during an outage is a stuck loop: see Since the last attempt. A steady high rate is flapping. The dots lead to traces.',
              unit: 'cps',
              queries: [
                {
                  expr: `sum by (job, app) (${rate('feishu_ws_connect_attempts_total')})`,
                  legend: 'all {{app}}',
                },
                {
                  expr: `sum by (job, app) (${rate('feishu_ws_reconnect_attempts_total')})`,
                  legend: 'after the first {{app}}',
                  hasExemplars: true,
                },
              ],
            }),
          ],
        ),
        shelf(
          7,
          [
            8,
            lines({
              id: 7,
              title: 'Since the last attempt, while down',
              normal: 'nothing: it is connected.',
              act: 'above the dashed line no attempt has begun for longer than any backoff: an await hangs or a timer was lost. Restart that process and keep its log.',
              unit: 's',
              queries: [
                {
                  expr: `${secondsSince('feishu_ws_last_attempt_timestamp_seconds')} and ${DOWN}`,
                  legend: '{{app}} {{instance}}',
                },
                {
                  expr: `max by (job, app) (${ATTEMPT_LIMIT})`,
                  legend: 'limit {{app}}',
                  limitOf: 'FeishuWsReconnectStuck',
                },
              ],
              alerts: ['FeishuWsReconnectStuck'],
              steps: [{ value: null, color: COLORS.neutral }],
            }),
          ],
          [
            8,
            lines({
              id: 8,
              canBeNegative: true,
              title: 'Next attempt in',
              noValue: 'Nothing scheduled, or no data',
              normal: 'nothing is scheduled while connected.',
              act: 'a saw-tooth is the backoff at work. It may stand at zero for the duration of an attempt, no longer.',
              unit: 's',
              queries: [
                {
                  expr: `(${gauge('feishu_ws_next_attempt_timestamp_seconds')} > 0) - time()`,
                  legend: '{{app}} {{instance}}',
                },
              ],
              alerts: ['FeishuWsReconnectStuck'],
              steps: [{ value: null, color: COLORS.neutral }],
            }),
          ],
          [
            8,
            lines({
              id: 9,
              title: 'Duration of each step, p99',
              normal: 'discovery, dial and proof each well below a second.',
              act: 'the slow step names the slow peer: discovery the ticket endpoint, dial the gateway or the proxy, proof the gateway itself. The dots lead to traces.',
              unit: 's',
              queries: [
                {
                  expr: quantile(0.99, 'feishu_ws_connect_duration_seconds', 'step'),
                  legend: '{{step}}',
                  hasExemplars: true,
                },
              ],
            }),
          ],
        ),
      ],
    },
    {
      id: 102,
      title: 'Why do connections end?',
      shelves: [
        shelf(
          7,
          [
            8,
            bars({
              id: 10,
              title: 'Disconnects by failure',
              normal: 'rare: the platform moves connections now and then.',
              act: 'closed_by_peer is the platform, connection_reset the path in between, heartbeat_timeout a path that swallows silently, local_stop ourselves.',
              unit: 'short',
              queries: [{ expr: counted('feishu_ws_disconnects_total', 'failure'), legend: '{{failure}}' }],
              alerts: ['FeishuWsFlapping'],
              steps: [{ value: null, color: COLORS.neutral }],
            }),
          ],
          [
            8,
            lines({
              id: 11,
              title: 'Lost connections in 15 minutes',
              normal: 'zero or one.',
              act: 'more than four is flapping, even if the gauges look fine in between. The same code every time points at the path.',
              unit: 'short',
              queries: [
                {
                  expr: `sum by (${CONNECTION}) (${increase('feishu_ws_disconnects_total', '15m', 'failure!="local_stop"')})`,
                  legend: '{{app}} {{instance}}',
                },
              ],
              alerts: ['FeishuWsFlapping'],
            }),
          ],
          [
            8,
            lines({
              id: 12,
              title: 'Sessions under 5 minutes, share of 6 hours',
              normal: 'near zero: a healthy connection lives for hours.',
              act: 'above a half, and with a dozen of them, something cuts connections: read the heatmap of session durations for the sharp line of a timeout.',
              unit: 'percentunit',
              queries: [
                { expr: shareUpTo('feishu_ws_session_duration_seconds', 300, 'job, app', '6h'), legend: '{{app}}' },
              ],
              alerts: ['FeishuWsSessionsShort'],
            }),
          ],
        ),
        shelf(
          7,
          [
            12,
            spread({
              id: 13,
              title: 'Session duration',
              normal: 'few cells, high up: sessions end seldom and live long.',
              act: 'a horizontal line is a timeout of something in between: 60 s or 90 s is most often a proxy or a NAT, 2 min a missed heartbeat.',
              unit: 's',
              queries: [{ expr: buckets('feishu_ws_session_duration_seconds'), legend: '' }],
              alerts: ['FeishuWsSessionsShort'],
            }),
          ],
          [
            12,
            spread({
              id: 14,
              title: 'Outage duration',
              normal: 'few cells, low down: back within seconds.',
              act: 'long ones followed the upstream, or a human was needed: see Failures by code at that time.',
              unit: 's',
              queries: [{ expr: buckets('feishu_ws_outage_duration_seconds'), legend: '' }],
            }),
          ],
        ),
      ],
    },
    {
      id: 103,
      title: 'Is the connection alive?',
      shelves: [
        shelf(
          7,
          [
            8,
            lines({
              id: 15,
              title: 'Silence against its limits',
              normal: 'a saw-tooth below the heartbeat interval: each pong starts it anew.',
              act: 'our own limit ends a silent connection; above the dashed line it failed to, and only a restart of that process helps.',
              unit: 's',
              queries: [
                { expr: secondsSince('feishu_ws_last_frame_timestamp_seconds'), legend: '{{app}} {{instance}}' },
                {
                  expr: `max by (job, app) (${gauge('feishu_ws_silence_limit_seconds')})`,
                  legend: 'our limit {{app}}',
                },
                { expr: `max by (job, app) (${SILENCE_LIMIT})`, legend: 'alert {{app}}', limitOf: 'FeishuWsHalfOpen' },
              ],
              alerts: ['FeishuWsHalfOpen'],
              steps: [{ value: null, color: COLORS.neutral }],
            }),
          ],
          [
            8,
            lines({
              id: 16,
              title: 'Heartbeats sent and answered',
              normal: 'both lines on top of each other.',
              act: 'a gap between them is lost pings: the path is going away, or the event loop is blocked.',
              unit: 'cps',
              queries: [
                { expr: `sum by (job, app) (${rate('feishu_ws_heartbeats_sent_total')})`, legend: 'sent {{app}}' },
                {
                  expr: `sum by (job, app) (${rate('feishu_ws_heartbeats_answered_total')})`,
                  legend: 'answered {{app}}',
                },
              ],
              alerts: ['FeishuWsHalfOpen'],
              steps: [{ value: null, color: COLORS.neutral }],
            }),
          ],
          [
            8,
            spread({
              id: 17,
              title: 'Heartbeat round trip',
              normal: 'one steady band, tens of milliseconds.',
              act: 'a band that spreads upwards is congestion, or a blocked event loop: compare with the loop lag on the board Objectives.',
              unit: 's',
              queries: [{ expr: buckets('feishu_ws_heartbeat_rtt_seconds'), legend: '' }],
            }),
          ],
        ),
        shelf(
          7,
          [
            12,
            lines({
              id: 18,
              title: 'Sockets open',
              normal:
                'as many as are wanted, which is one unless you chose more; one more for moments, while it replaces a suspect one.',
              act: 'more than are wanted for ten minutes: an old socket was not closed, and the platform gives it part of the events. Restart that process.',
              unit: 'short',
              isStepped: true,
              queries: [
                { expr: gauge('feishu_ws_sockets_open'), legend: '{{app}} {{instance}}' },
                { expr: gauge('feishu_ws_connections_wanted'), legend: '{{app}} {{instance}} wanted' },
              ],
              alerts: ['FeishuSocketLeak'],
            }),
          ],
          [
            12,
            lines({
              id: 19,
              title: 'Frames',
              normal: 'pings out, pongs in, data both ways: events in, acks out.',
              act: 'data in without data out: acks are not written. Pings out without pongs in: the peer is gone.',
              unit: 'cps',
              queries: [
                {
                  expr: `sum by (direction, type) (${rate('feishu_ws_frames_total')})`,
                  legend: '{{type}} {{direction}}',
                },
              ],
            }),
          ],
        ),
      ],
    },
    {
      id: 104,
      title: 'Are the credentials good?',
      shelves: [
        shelf(
          7,
          [
            6,
            lines({
              id: 20,
              canBeNegative: true,
              title: 'Token expires in',
              normal: 'a saw-tooth that never comes near the dashed line.',
              act: 'below the dashed line half of the time to renew it has gone by; below zero every request to the platform fails.',
              unit: 's',
              queries: [
                {
                  expr: `min by (${CONNECTION}, token_type) ((${gauge('feishu_token_expiry_timestamp_seconds')} > 0) - time())`,
                  legend: '{{app}} {{instance}} {{token_type}}',
                },
                {
                  expr: `max by (job, app, token_type) (${TOKEN_LIMIT})`,
                  legend: 'alert {{app}} {{token_type}}',
                  limitOf: 'FeishuTokenNearExpiry',
                },
              ],
              alerts: ['FeishuTokenExpired', 'FeishuTokenNearExpiry'],
            }),
          ],
          [
            6,
            lines({
              id: 21,
              title: 'Token refreshes in 15 minutes',
              normal: 'now and then one, none of them failed.',
              act: 'more than two failures, and no success among all: only failures lately. The token in use still lasts for a while, see the panel on the left.',
              unit: 'short',
              queries: [
                {
                  expr: `sum by (${CONNECTION}, token_type) (${increase('feishu_token_refresh_failures_total', '15m')})`,
                  legend: 'failed {{app}} {{instance}} {{token_type}}',
                },
                {
                  expr: `sum by (${CONNECTION}, token_type) (${increase('feishu_token_refresh_attempts_total', '15m')})`,
                  legend: 'all {{app}} {{instance}} {{token_type}}',
                },
              ],
              alerts: ['FeishuTokenRefreshFailing'],
            }),
          ],
          [
            6,
            bars({
              id: 22,
              title: 'Token refresh failures by code',
              normal: 'none.',
              act: 'token_credentials_rejected and secret_unavailable need a human; token_rate_limited a look at who else uses the app; the rest is the network or the platform.',
              unit: 'short',
              queries: [
                {
                  expr: counted('feishu_token_refresh_failures_total', 'failure'),
                  legend: '{{failure}}',
                },
              ],
              alerts: ['FeishuTokenRefreshFailing'],
              steps: [{ value: null, color: COLORS.neutral }],
            }),
          ],
          [
            6,
            lines({
              id: 23,
              title: 'Token refresh duration, p99',
              normal: 'well below a second.',
              act: 'near the deadline of a refresh it begins to fail: the platform or the network is slow. The dots lead to traces.',
              unit: 's',
              queries: [
                {
                  expr: quantile(0.99, 'feishu_token_refresh_duration_seconds', 'token_type'),
                  legend: '{{token_type}}',
                  hasExemplars: true,
                },
              ],
            }),
          ],
        ),
      ],
    },
  ],
};
