/**
 * Where a runbook is read: at `<base>/<AlertName>.md` of a site's own base, else at the surface itself, by its path from the
 * surface's base URL.
 */
export function runbookUrlOf(runbook: string, base: string | null): string {
  return base === null ? `/runbooks/${runbook}` : `${base}/${runbook}.md`;
}

/** Whether `/<AlertName>.md` can follow it, by the rule of the alerts, and a browser follows it to nothing but a page. */
export function isRunbookUrl(text: string): boolean {
  return /^https?:\/\/[^\s{}]*[^\s{}/]$/.test(text) && URL.canParse(text);
}
