import { ACK_ALERTS } from '../../src/alerts/rules/ack.js';
import { fleet, ORDERS, ORDERS_ON_A } from './support/fleet.js';
import { counting, minutes } from './support/signals.js';
import { alertStories, allAreTold } from './support/stories.js';

const LATE = { ...ORDERS_ON_A, kind: 'event' } as const;

alertStories('FeishuAckLate', {
  severity: 'warning',
  layer: 'ack',
  dashboard: 'feishu-events',
  fires: {
    'one ack in four is late': {
      world: fleet().change('feishu_event_acks_late_total', LATE, counting(minutes(10), minutes(25), 60)),
      quietAt: minutes(11),
      pendingAt: minutes(13),
      firesAt: minutes(20),
      resolvedAt: minutes(37),
      labels: ORDERS,
      description:
        '25% of the acks of app orders in the last 10 minutes came later than 3 seconds. Look first at what the ack waits for, the journal or without one the handlers, then at the event loop.',
      also: [],
    },
  },
  silent: {
    'a single ack is late': {
      world: fleet().change('feishu_event_acks_late_total', LATE, counting(minutes(10), minutes(11), 60)),
      until: minutes(30),
    },
  },
});

allAreTold(ACK_ALERTS);
