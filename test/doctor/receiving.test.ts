import { expect, test } from 'vitest';
import type { ConnectorStatus } from '../../src/connector-status.js';
import { DAEMON_CHECKS } from '../../src/doctor/app-judgement.js';
import { runChecks } from '../../src/doctor/check.js';
import { parseDaemonStatus } from '../../src/doctor/daemon-status.js';
import { statusWith } from '../support/app-connector.js';
import { HandClock } from '../support/hand-clock.js';

async function receiving(changes: Partial<ConnectorStatus>) {
  const limit = { clock: new HandClock(), endsAt: 1_000 };
  const results = await runChecks(DAEMON_CHECKS, { status: statusWith(changes), reconnectCommand: null }, 'bot', limit);
  return results.find(({ name }) => name === 'receiving');
}

const HEALTHY = statusWith().receiving;
const AGREES = { verdict: 'agrees', seen: 1, expected: 1, ageMs: 60_000 } as const;

test('the platform’s own count stands beside what came', async () => {
  expect(await receiving({ serverView: AGREES })).toMatchObject({
    result: 'ok',
    evidence:
      'no event yet; the platform counted 1 connection of 1 expected 1 min ago (agrees); nothing says that one is missing',
  });
  expect(await receiving({ serverView: { ...AGREES, seen: null } })).toMatchObject({
    evidence: 'no event yet; nothing says that one is missing',
  });
});

test('somebody else on the app is a warning', async () => {
  const serverView = { verdict: 'foreign_consumer', seen: 2, expected: 1, ageMs: 60_000 } as const;
  expect(await receiving({ serverView })).toMatchObject({
    result: 'warn',
    evidence: expect.stringContaining('somebody else is connected as this app'),
  });
});

test('an app that has never received is told what to look at in the console', async () => {
  const console = {
    state: 'never_received',
    connectedForMs: 3_600_000,
    advice: ['Subscription mode: …', 'Events: …'],
  } as const;
  expect(await receiving({ receiving: { ...HEALTHY, console } })).toMatchObject({
    result: 'warn',
    evidence: 'no event yet; connected for 1 h, and no event has ever come',
    advice: 'Look at the developer console. Subscription mode: … Events: …',
  });
});

test('gaps that are not caught up yet are told, and a deaf connection fails', async () => {
  const gaps = { open: [], openCount: 2, isCatchingUp: true, latest: [] };
  expect(await receiving({ gaps })).toMatchObject({
    evidence: expect.stringContaining('2 gaps are not caught up yet, which is under way'),
  });
  const deaf = { ...HEALTHY, is: false, isDeaf: true, evidence: 'the history has 3 messages that never arrived' };
  expect(await receiving({ receiving: deaf })).toMatchObject({ result: 'fail' });
});

test('a daemon that says nothing of it is understood as before', () => {
  const { serverView, gaps, budget, baseline, receiving: full, ...older } = statusWith();
  const { console, isDeaf, ...plain } = full;
  const daemon = { version: '0.1.0', phase: 'running', uptimeMs: 1, apps: [{ ...older, receiving: plain }] };
  expect(parseDaemonStatus(JSON.stringify(daemon))).toMatchObject({
    apps: [{ receiving: { is: true, evidence: plain.evidence } }],
  });
});
