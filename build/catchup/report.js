/**
 * What the platform's own count of our connections says. `agrees`: no contradiction. `zombie`: it counts fewer than we
 * hold (F04, F08). `ghost`: it still counts connections of ours that are gone. `foreign_consumer`: somebody else is
 * connected as this app and takes part of its events (F07). `unknown`: nobody could ask.
 */
export const VIEW_VERDICTS = ['agrees', 'zombie', 'ghost', 'foreign_consumer', 'unknown'];
/** Why events may have passed us by. */
export const GAP_CAUSES = [
    'outage', // no proven connection
    'restart', // from the last proof before the stop to the first proof after it
    'aftermath', // after an unclean end the platform went on serving the dead connection for a while (F08)
    'deaf', // the connection was proven to deliver nothing, or not everything
    'operator', // somebody asked for it
];
/** Whether everything that history can give has been taken. */
export const RECOVERIES = ['yes', 'no', 'unknown'];
/** What makes us look. Never enough by itself to give up an open socket. */
export const SUSPICIONS = [
    'silence', // nothing came although the app's own pattern says that something should have
    'server_view', // the platform counts fewer connections than we hold
    'canary_missing', // an event that we caused ourselves did not come
    'woke_up', // the machine slept, or the process froze
    'schedule', // nothing suspicious: the slow schedule, if there is one
    'operator', // somebody asked
];
/** What two of make a case for a new socket. */
export const PROOFS = [
    'silence', // the baseline contradicts the silence
    'count_below', // the platform counts fewer connections than we hold
    'count_below_again', // and did so again at a later poll
    'unseen_message', // history has a message that never arrived, past its first redelivery
    'canary_missing', // two canaries in a row did not come
];
/** What comparing history with what arrived says. */
export const RECONCILE_VERDICTS = ['agrees', 'deaf', 'unknown'];
/** How freely calls may be spent. `slowed`: less often. `saving`: only what recovers messages. `exhausted`: nothing of ours. */
export const BUDGET_LEVELS = ['free', 'slowed', 'saving', 'exhausted'];
