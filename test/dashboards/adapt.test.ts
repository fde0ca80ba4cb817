import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, test } from 'vitest';
import { BOARDS, jsonOf } from '../../dashboards/src/boards.js';
import { interpolate } from '../../dashboards/src/interpolate.js';
import { adaptDashboard } from '../../src/cli/shipped/adapt-dashboard.js';
import { selectorsOf } from './selectors.js';

const SHIPPED = BOARDS.map(jsonOf);

function variableOf(json: string, name: string) {
  return (JSON.parse(json) as Dashboard).templating.list?.find((each) => each.name === name);
}

test('without options a board stays as it was, byte for byte', () => {
  for (const json of SHIPPED) expect(adaptDashboard(json, {})).toBe(json);
});

test('a job and the address of the runbooks are what the board opens with', () => {
  for (const json of SHIPPED) {
    const adapted = adaptDashboard(json, {
      job: 'bots',
      runbookBaseUrl: 'https://wiki.example/runbooks',
    });
    expect(variableOf(adapted, 'job')?.current).toEqual({ selected: true, text: ['bots'], value: ['bots'] });
    expect(variableOf(adapted, 'runbooks')?.query).toBe('https://wiki.example/runbooks');
  }
});

describe('another name for the label app', () => {
  const adapted = SHIPPED.map((json) => adaptDashboard(json, { appLabel: 'feishu_app' }));

  test('replaces it in every selector, and leaves the variable and the recorded names alone', () => {
    for (const json of adapted) {
      const exprs = [...json.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(([, text]) => JSON.parse(text ?? '""'));
      expect(exprs.length).toBeGreaterThan(10);
      for (const expr of exprs) {
        const matchers = selectorsOf(interpolate(expr, { app: 'x' })).flatMap((selector) => selector.matchers);
        expect(matchers.filter((matcher) => /^app\b/.test(matcher))).toEqual([]);
        expect(expr).not.toMatch(/by \([^)]*\bapp\b/);
      }
      expect(json).toContain('feishu_app=~\\"$app\\"');
    }
    expect(adapted.join('')).toContain('job_app:feishu_ws_available:bool{');
  });

  test('replaces it in legends, in the query of the variable, and in the columns of tables', () => {
    const all = adapted.join('');
    expect(all).not.toContain('{{app}}');
    expect(all).toContain('{{feishu_app}}');
    for (const json of adapted) expect(variableOf(json, 'app')?.definition).toMatch(/, feishu_app\)$/);
    expect(all).toMatch(/"renameByName": \{[^}]*"feishu_app": "App"/);
  });
});
