import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { type DashboardLink, DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
import { DEFAULT_ALERT_OPTIONS } from '../../src/alerts/index.js';
import type { AlertName } from './limits.js';

/** All boards have it, and so each links to all others. */
export const TAG = 'feishu-connector';

/** A hidden constant of each board, so that the address of the runbooks stands in one place. */
export const RUNBOOKS_VARIABLE = 'runbooks';
/** Where `alerts/runbooks/` can be read: the same as in the alerts' `runbook_url`. */
export const RUNBOOKS_URL = DEFAULT_ALERT_OPTIONS.runbookBaseUrl;

export function runbookLink(alert: AlertName): Builder<DashboardLink> {
  return new DashboardLinkBuilder(`Runbook ${alert}`)
    .type(DashboardLinkType.Link)
    .icon('doc')
    .tooltip(`What to do when ${alert} fires`)
    .url(`\${${RUNBOOKS_VARIABLE}}/${alert}.md`)
    .targetBlank(true);
}

/** In the head of each board: the other boards with this time and these variables, and the list of runbooks. */
export function boardLinks(): Builder<DashboardLink>[] {
  return [
    new DashboardLinkBuilder('Boards')
      .type(DashboardLinkType.Dashboards)
      .icon('external link')
      .tooltip('The other boards of the connector')
      .tags([TAG])
      .includeVars(true)
      .keepTime(true),
    new DashboardLinkBuilder('Runbooks')
      .type(DashboardLinkType.Link)
      .icon('doc')
      .tooltip('One page for each alert')
      .url(`\${${RUNBOOKS_VARIABLE}}/README.md`)
      .targetBlank(true),
  ];
}
