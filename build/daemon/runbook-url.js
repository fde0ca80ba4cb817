/** Where the runbooks are read: the same as the links of the alerts, see `alerts/`. */
export const RUNBOOK_BASE_URL = 'https://github.com/feishu-connector/feishu-connector/blob/main/alerts/runbooks';
/** Whether `/<AlertName>.md` can follow it, by the rule of the alerts, and a browser follows it to nothing but a page. */
export function isRunbookUrl(text) {
    return /^https?:\/\/[^\s{}]*[^\s{}/]$/.test(text) && URL.canParse(text);
}
