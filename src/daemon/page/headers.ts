import { createHash } from 'node:crypto';

/** What stands in a page besides its markup. */
export interface PageSources {
  readonly styles: readonly string[];
  /** Default: none runs. */
  readonly scripts?: readonly string[];
}

/**
 * The headers of a page. It loads nothing, sends nothing to anybody else and is shown in no frame; of scripts and styles
 * only those that are ours run, by their hashes. One without a script asks for nothing at all.
 */
export function headersOf({ styles, scripts = [] }: PageSources): Readonly<Record<string, string>> {
  const asks = scripts.length > 0;
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': [
      "default-src 'none'",
      ...(asks ? [`script-src ${scripts.map(hashOf).join(' ')}`] : []),
      `style-src ${styles.map(hashOf).join(' ')}`,
      ...(asks ? ["connect-src 'self'"] : []),
      'img-src data:',
      "base-uri 'none'",
      `form-action ${asks ? "'self'" : "'none'"}`,
      "frame-ancestors 'none'",
    ].join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
  };
}

function hashOf(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
}
