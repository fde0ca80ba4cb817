import { PROCESS_ALERTS } from '../../src/alerts/rules/process.js';
import { A, fleet, ORDERS_ON_A } from './support/fleet.js';
import { during, failingOnceEvery, from, frozen, minutes } from './support/signals.js';
import { alertStories, allAreTold } from './support/stories.js';
import type { Signal } from './support/world.js';

alertStories('FeishuSupervisorStalled', {
  severity: 'critical',
  layer: 'process',
  dashboard: 'feishu-objectives',
  fires: {
    "the connector's loop hangs while HTTP answers": {
      world: fleet().change(
        'feishu_connector_supervisor_heartbeat_timestamp_seconds',
        ORDERS_ON_A,
        frozen(minutes(10), minutes(20)),
      ),
      quietAt: minutes(10.5),
      pendingAt: minutes(11.5),
      firesAt: minutes(13),
      resolvedAt: minutes(20.5),
      labels: ORDERS_ON_A,
      description:
        'The supervisor of app orders on a:9464 ticked last 3m 0s ago: no reconnect, heartbeat or token refresh is due any more. Restart that process, and keep its log: this is a bug.',
      also: [],
    },
  },
});

/** The process starts again at each of these moments. */
const restarts =
  (...moments: number[]) =>
  (was: Signal): Signal =>
  (at) =>
    moments.filter((moment) => moment <= at).at(-1) ?? was(at);

alertStories('FeishuConnectorCrashLooping', {
  severity: 'critical',
  layer: 'process',
  dashboard: 'feishu-objectives',
  fires: {
    'it starts three times in five minutes, and it is told for a while': {
      world: fleet().change('process_start_time_seconds', A, restarts(minutes(10), minutes(12), minutes(14))),
      quietAt: minutes(13),
      firesAt: minutes(20),
      stillAt: minutes(35),
      resolvedAt: minutes(43),
      labels: A,
      description:
        'a:9464 restarted 3 times in 15 minutes. Look first at the last lines of its log and its exit code, then at what its supervisor (systemd, Kubernetes) says about memory and probes.',
      also: [],
    },
  },
  silent: {
    'it is deployed, and deployed again': {
      world: fleet().change('process_start_time_seconds', A, restarts(minutes(10), minutes(14))),
      until: minutes(40),
    },
  },
});

alertStories('FeishuEventLoopBlocked', {
  severity: 'warning',
  layer: 'process',
  dashboard: 'feishu-objectives',
  fires: {
    'the loop lags by half a second': {
      world: fleet().change('nodejs_eventloop_lag_p99_seconds', A, during(minutes(10), minutes(40), 0.5)),
      quietAt: minutes(14),
      pendingAt: minutes(18),
      firesAt: minutes(25),
      resolvedAt: minutes(47),
      labels: A,
      description:
        'One in a hundred turns of the event loop of a:9464 waits 500ms or longer. Look first at its CPU, then for synchronous work in handlers.',
      also: [],
    },
  },
  silent: {
    'it stands still for a moment each minute': {
      world: fleet().change(
        'nodejs_eventloop_lag_p99_seconds',
        A,
        from(60, (at) => (at % 60 === 0 ? 0.8 : 0.02)),
      ),
      until: minutes(40),
    },
  },
});

const RELOADED = 'feishu_connector_config_last_reload_successful';
const refused =
  'a:9464 goes on with the configuration before: nothing of the new one is in force, for no app, and the process may not start with it again. Look first at what feishu-connector status says was wrong with it, mend that, and reload; do not restart before.';

alertStories('FeishuConfigReloadFailed', {
  severity: 'warning',
  layer: 'process',
  dashboard: 'feishu-objectives',
  fires: {
    'a reload is refused, until one succeeds': {
      world: fleet().change(RELOADED, A, during(minutes(10), minutes(40), 0)),
      quietAt: minutes(11.5),
      pendingAt: minutes(15),
      firesAt: minutes(18),
      stillAt: minutes(39),
      resolvedAt: minutes(40.5),
      labels: A,
      description: refused,
      also: [],
    },
    'a reload is refused, and one scrape in four fails': {
      world: fleet()
        .change(RELOADED, A, during(minutes(10), minutes(40), 0))
        .change(RELOADED, A, failingOnceEvery(60)),
      quietAt: minutes(11.5),
      pendingAt: minutes(15),
      firesAt: minutes(18),
      stillAt: minutes(39),
      resolvedAt: minutes(41),
      labels: A,
      description: refused,
      also: [],
    },
  },
  silent: {
    'a slip is mended at once': {
      world: fleet().change(RELOADED, A, during(minutes(10), minutes(14), 0)),
      until: minutes(40),
    },
  },
});

allAreTold(PROCESS_ALERTS);
