/** The rule files of Prometheus, in the order they are read. */
export const RECORDING_FILE = 'feishu-recording.rules.yml';
export const ALERTS_FILE = 'feishu-alerts.rules.yml';
export const BASELINE_FILE = 'feishu-baseline.rules.yml';
