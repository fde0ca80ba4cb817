import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAULT_BUTTONS, faultPanel } from '../../src/cli/demo/fault-panel.js';
import { createSimulator, parseFault } from '../../src/simulator/index.js';

function panel() {
  const simulator = createSimulator();
  const said: string[] = [];
  return { simulator, said, ...faultPanel({ simulator, say: () => void said.push('hello'), isFree: () => true }) };
}

test('every button has a name of its own, a known incident and words, and does what the simulator can do', () => {
  const { buttons } = panel();
  expect(new Set(buttons.map(({ id }) => id)).size).toBe(buttons.length);
  const incidents = readFileSync(new URL('../../docs/incidents.md', import.meta.url), 'utf8');
  for (const { faults, incident, does, shows } of FAULT_BUTTONS) {
    for (const fault of faults) expect(() => parseFault(fault)).not.toThrow();
    expect(incidents).toContain(`${incident} `);
    expect([does.length, shows.length].every((length) => length > 10)).toBe(true);
  }
});

test('a fault that is asked for again begins anew, and healing ends all of them', () => {
  const { press, inForce } = panel();
  for (let nth = 0; nth < 50; nth += 1) for (const { id } of FAULT_BUTTONS) press(id);
  expect(new Set(inForce()).size).toBe(inForce().length);
  expect(inForce().length).toBeLessThanOrEqual(FAULT_BUTTONS.length);
  press('heal');
  expect(inForce()).toEqual([]);
});

test('a message is said, and nothing is broken by it', () => {
  const { press, said, inForce } = panel();
  press('message');
  expect([said, inForce()]).toEqual([['hello'], []]);
});
