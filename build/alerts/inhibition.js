const ALERT = (name) => `alertname="${name}"`;
const ALERT_OF = (...names) => `alertname=~"${names.join('|')}"`;
/** A source silences only its own scope or a finer one: no alert of an instance ever mutes one of the app. */
export const INHIBITIONS = [
    {
        sources: [ALERT('FeishuAppDeaf')],
        targets: [
            ALERT_OF('FeishuWsDisconnected', 'FeishuWsFlapping', 'FeishuWsSessionsShort', 'FeishuConnectivityBudgetBurn', 'FeishuAckLate', 'FeishuDuplicateDeliveries'),
        ],
        equal: ['job', 'app'],
        why: 'One page for one outage. Not muted is what says what to do: GaveUp, ReconnectStuck, ConnectRejected, TokenExpired.',
    },
    {
        sources: [ALERT('FeishuTargetDown')],
        targets: ['severity="warning"', 'layer=~"process|connection|auth|events|ack"'],
        equal: ['job', 'instance'],
        why: 'What an instance said before its scrapes failed is old. What is critical still comes through.',
    },
    {
        sources: [ALERT('FeishuTargetAbsent')],
        targets: [ALERT('FeishuTargetDisappeared')],
        equal: ['job'],
        why: 'With no target left, it is no news that each one has left.',
    },
    {
        sources: [ALERT('FeishuTokenExpired')],
        targets: [ALERT_OF('FeishuTokenNearExpiry', 'FeishuTokenRefreshFailing')],
        equal: ['job', 'instance', 'app', 'token_type'],
        why: 'The three are steps of one decline; the last one counts.',
    },
    {
        sources: [ALERT('FeishuTokenNearExpiry')],
        targets: [ALERT('FeishuTokenRefreshFailing')],
        equal: ['job', 'instance', 'app', 'token_type'],
        why: 'As above.',
    },
    {
        sources: [ALERT('FeishuAckLate')],
        targets: [ALERT('FeishuDuplicateDeliveries')],
        equal: ['job', 'app'],
        why: 'Late acks are what makes the platform deliver again.',
    },
    {
        sources: [ALERT('FeishuEventsSilent')],
        targets: [ALERT('FeishuEventsBelowBaseline')],
        equal: ['job', 'app'],
        why: 'None is less than few.',
    },
    {
        sources: [ALERT('FeishuSinkDown')],
        targets: [ALERT_OF('FeishuHandlerStalled', 'FeishuQueueSaturated')],
        equal: ['job', 'instance', 'app'],
        why: 'What waits, waits for the sink. As a warning too: it becomes a page by itself when the sink stays down.',
    },
    {
        sources: ['alertname=~"Feishu.+"', 'severity="critical"'],
        targets: ['alertname=~"Feishu.+"', 'severity="warning"'],
        equal: ['alertname', 'job', 'instance', 'app'],
        why: 'The same alert at two severities. A label that both lack counts as equal, which is harmless only with alertname in the list.',
    },
];
