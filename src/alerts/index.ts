export {
  type Alert,
  DASHBOARDS,
  type Dashboard,
  type FailureMode,
  LAYERS,
  type Layer,
  type Severity,
} from './alert.js';
export { alertmanagerConfig, EXAMPLE_RECEIVERS, type Receivers } from './alertmanager.js';
export { ALERT_NAMES, ALERTS } from './alerts.js';
export type { Duration } from './duration.js';
export { alertFiles, prometheusRule, ruleFiles } from './files.js';
export { alertGroups, baselineGroups, type Rule, type RuleGroup, recordingGroups } from './groups.js';
export { INHIBITIONS, type Inhibition } from './inhibition.js';
export { type AlertOptionChanges, type AlertOptions, DEFAULT_ALERT_OPTIONS, resolveAlertOptions } from './options.js';
export { EXAMPLE_TARGETS, type PrometheusTargets, prometheusConfig } from './prometheus.js';
export { AVAILABLE, BASELINE_RECORDINGS, RECORDINGS, type Recording } from './recording.js';
export { ALERTS_FILE, BASELINE_FILE, RECORDING_FILE } from './rule-file-names.js';
export {
  DEFAULT_THRESHOLDS,
  resolveThresholds,
  THRESHOLDS,
  type ThresholdName,
  type Thresholds,
} from './thresholds.js';
