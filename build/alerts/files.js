import { alertmanagerConfig } from './alertmanager.js';
import { alertGroups, baselineGroups, recordingGroups } from './groups.js';
import { prometheusConfig } from './prometheus.js';
import { ALERTS_FILE, BASELINE_FILE, RECORDING_FILE } from './rule-file-names.js';
import { yamlFile } from './yaml-file.js';
/** Everything that `alerts/` ships, by file name. */
export function alertFiles(options) {
    return {
        ...ruleFiles(options),
        'feishu-prometheus-rule.kubernetes.yml': prometheusRule(options),
        'prometheus.example.yml': prometheusConfig(options),
        'alertmanager.example.yml': alertmanagerConfig(options),
    };
}
/** The rule files of Prometheus, by file name. */
export function ruleFiles(options) {
    return {
        [RECORDING_FILE]: ruleFile('What the alerts and the dashboards are made of.', recordingGroups(options)),
        [ALERTS_FILE]: ruleFile(`The alerts. They read what ${RECORDING_FILE} records: load both.`, alertGroups(options)),
        [BASELINE_FILE]: ruleFile(`Silence, measured against days past. It reads what ${RECORDING_FILE} records: load both.`, baselineGroups(options)),
    };
}
/** The same rules as one `PrometheusRule` of the Prometheus Operator. */
export function prometheusRule(options) {
    return yamlFile([
        'The rules of feishu-connector for the Prometheus Operator. Generated. Add the labels your ruleSelector asks for.',
        'Needs Prometheus 2.42 and Prometheus Operator 0.66 or newer (keep_firing_for).',
    ], {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'PrometheusRule',
        metadata: { name: 'feishu-connector', labels: { 'app.kubernetes.io/name': 'feishu-connector' } },
        spec: { groups: [...recordingGroups(options), ...alertGroups(options), ...baselineGroups(options)] },
    });
}
function ruleFile(meaning, groups) {
    return yamlFile(['Rules of feishu-connector. Generated; needs Prometheus 2.42 or newer.', meaning], { groups });
}
