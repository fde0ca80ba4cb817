import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  describeFault,
  FAULT_FIELDS,
  FAULT_KINDS,
  type Fault,
  FaultError,
  parseFault,
} from '../../src/simulator/index.js';
import { stage } from './stage.js';

/** One valid value per rule. */
function minimal(kind: (typeof FAULT_KINDS)[number]): Fault {
  const fields: Record<string, unknown> = { fault: kind };
  for (const [field, rule] of Object.entries(FAULT_FIELDS[kind])) {
    if (!('required' in rule)) continue;
    if (rule.is === 'integer') fields[field] = Math.max(rule.min, 1);
    else if (rule.is === 'text') fields[field] = 'text';
    else fields[field] = rule.of[0];
  }
  return parseFault(fields);
}

test.each(FAULT_KINDS)('fault %s can be injected with what it requires, described, and cleared', async (kind) => {
  const { clock, platform, visitor } = stage();
  await visitor().connect();
  const fault = minimal(kind);
  const id = platform.inject(fault);
  for (const active of platform.activeFaults)
    expect(active).toMatchObject({ id, fault, description: describeFault(fault) });
  expect(describeFault(fault)).toMatch(/^[a-zA-Z].{10,120}$/);
  expect(describeFault(fault)).not.toMatch(/undefined|NaN|\[object/);
  platform.clear();
  expect(platform.activeFaults).toEqual([]);
  await clock.advanceBy(10_000);
});

test.each([
  [null, 'fault', 'fault must be an object with a field "fault", got null'],
  [[], 'fault', 'fault must be an object with a field "fault", got []'],
  [{}, 'fault', /^fault must be one of discovery_code, .*, got nothing$/],
  [{ fault: 'toString' }, 'fault', /^fault must be one of .*, got "toString"$/],
  [{ fault: 'discovery_code' }, 'code', /^code must be an integer from .*, got nothing$/],
  [{ fault: 'discovery_code', code: '1' }, 'code', /got "1"$/],
  [{ fault: 'discovery_delay', delayMs: -1 }, 'delayMs', /^delayMs must be an integer from 0 to .*, got -1$/],
  [
    { fault: 'discovery_hang', formMs: 5 },
    'formMs',
    /^formMs must be absent: discovery_hang has the fields forMs, times, appId, got 5$/,
  ],
  [{ fault: 'discovery_hang', times: 0 }, 'times', /got 0$/],
  [{ fault: 'discovery_hang', forMs: Number.POSITIVE_INFINITY }, 'forMs', /^forMs must be an integer/],
  [{ fault: 'discovery_body', body: 'poem' }, 'body', /^body must be one of html, .*, got "poem"$/],
  [{ fault: 'discovery_config', config: 3 }, 'config', /or an object of at most 20 fields, got 3$/],
  [{ fault: 'close_socket', code: 1006 }, 'code', /^code must be a close code that may be sent/],
  [{ fault: 'close_socket', reason: 'x'.repeat(31) }, 'reason', /^reason must be text of at most 30 characters/],
  [{ fault: 'mute', isCountedDelivered: 1 }, 'isCountedDelivered', /^isCountedDelivered must be true or false, got 1$/],
] as const)('what is no fault is refused, saying why: %j', (value, field, message) => {
  const attempt = () => parseFault(value);
  expect(attempt).toThrow(FaultError);
  expect(attempt).toThrow(message);
  expect(attempt).toThrow(expect.objectContaining({ field }));
});

test('inject checks as well, for callers without types, and a refused fault is not in force', () => {
  const { platform } = stage();
  expect(() => platform.inject({ fault: 'token_delay' } as unknown as Fault)).toThrow(FaultError);
  expect(platform.activeFaults).toEqual([]);
});

test('whatever comes in, parsing ends in a fault or a FaultError (seed 514)', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FAULT_KINDS), fc.dictionary(fc.string(), fc.anything()), (fault, fields) => {
      try {
        expect(parseFault({ ...fields, fault })).toMatchObject({ fault });
      } catch (error) {
        expect(error).toBeInstanceOf(FaultError);
      }
    }),
    { seed: 514, numRuns: 500 },
  );
});

test('descriptions name what matters', () => {
  expect(describeFault({ fault: 'discovery_code', code: 1, forMs: 60_000 })).toBe('discovery answers code 1, for 60 s');
  expect(describeFault({ fault: 'half_open', sockets: 'all' })).toBe('all sockets freeze half-open');
  expect(describeFault({ fault: 'drop_socket', which: 'newest', times: 20 })).toBe(
    'TCP is reset on the newest socket, 20 times',
  );
  expect(describeFault({ fault: 'token_delay', delayMs: 1500, times: 1 })).toBe(
    'the token endpoint answers 1500 ms late, once',
  );
});

test('the youngest fault of a kind strikes; when it is spent, the older one does', async () => {
  const { clock, platform, visitor } = stage();
  platform.inject({ fault: 'discovery_code', code: 1 });
  platform.inject({ fault: 'discovery_code', code: 2, times: 1 });
  const code = async () => {
    const answer = visitor().discover();
    await clock.advanceBy(10);
    return JSON.parse((await answer).body).code;
  };
  expect([await code(), await code()]).toEqual([2, 1]);
});

test('faults that begin and end are told to whoever follows the story', async () => {
  const { clock, platform } = stage();
  const story: string[] = [];
  const leave = platform.subscribe(({ type, description }) => story.push(`${clock.now()} ${type}: ${description}`));
  platform.inject({ fault: 'discovery_hang', forMs: 1000 });
  platform.inject({ fault: 'drop_socket' });
  await clock.advanceBy(1000);
  leave();
  platform.inject({ fault: 'token_hang' });
  expect(story).toEqual([
    '0 fault_started: discovery never answers, for 1 s',
    '0 fault_started: TCP is reset on every open socket',
    '0 fault_ended: TCP is reset on every open socket',
    '1000 fault_ended: discovery never answers, for 1 s',
  ]);
});

test('clearing one fault leaves the others, and an unknown id clears nothing', () => {
  const { platform } = stage();
  const hang = platform.inject({ fault: 'discovery_hang', forMs: 1000 });
  platform.inject({ fault: 'drop_socket', times: 5 });
  expect([platform.clear('fault-99'), platform.clear(hang)]).toEqual([0, 1]);
  expect(platform.activeFaults.map(({ fault }) => fault.fault)).toEqual(['drop_socket']);
  expect(platform.clear()).toBe(1);
});
