/** The shipped rules with a second for a minute: an outage pages after six seconds instead of after three minutes. */
export const SCALED_ALERTS = Object.freeze({
    timeScale: 60,
    thresholds: Object.freeze({
        // Objectives are shares of hours: at one sample a second, an hour of 60 samples cannot tell 99.9 % from 98.4 %. A
        // share of all time is never exceeded, so these alerts are off; promtool tells their stories in simulated days.
        unavailableBudgetRatio: 1,
        ackLateBudgetRatio: 1,
        // Five minutes is a bucket of the metric, which no time scale shrinks: here every session is shorter.
        shortSessionsMin: 1_000,
    }),
});
