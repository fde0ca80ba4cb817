import { expect, test } from 'vitest';
import { control } from '../../src/simulator/control.js';
import { DEFAULT_APP } from '../../src/simulator/index.js';
import { stage } from './stage.js';

function desk() {
  const { platform } = stage();
  const ask = (method: string, path: string, body = '', remoteAddress: string | undefined = '127.0.0.1') => {
    const [pathname = '', query = ''] = path.split('?');
    const request = { method, origin: 'http://127.0.0.1:80', path: `/_simulator/${pathname}`, headers: {}, body };
    const answer = control(platform, { ...request, query: new URLSearchParams(query) }, remoteAddress);
    return { status: answer.status, body: JSON.parse(answer.body) };
  };
  return { platform, ask };
}

test('a fault that is none is refused, naming the field and what it expects', () => {
  const { ask, platform } = desk();
  expect(ask('POST', 'faults', '{"fault":"close_socket","code":1006}')).toEqual({
    status: 400,
    body: {
      error: expect.stringContaining('got 1006'),
      field: 'code',
      expected: 'a close code that may be sent: 1000 to 1003, 1007 to 1014, or 3000 to 4999',
    },
  });
  expect(ask('POST', 'faults', 'nonsense')).toMatchObject({ status: 400 });
  expect(platform.activeFaults).toEqual([]);
});

test.each([
  ['{"kind":"message","text":"a","chatType":"group"}', 'im.message.receive_v1'],
  ['{"kind":"card_action","value":{"key":1}}', 'card.action.trigger'],
  ['{"kind":"version_1","type":"add_bot"}', 'add_bot'],
  ['{"kind":"custom","type":"x.y_v1","content":{"a":1}}', 'x.y_v1'],
  ['{"envelope":{"schema":"2.0","header":{"event_id":"1","event_type":"z"},"event":{}}}', 'z'],
  [`{"kind":"message","appId":"${DEFAULT_APP.appId}"}`, 'im.message.receive_v1'],
])('the order %s becomes an event', (body, eventType) => {
  const { ask, platform } = desk();
  expect(ask('POST', 'events', body)).toMatchObject({ status: 201, body: { eventType } });
  expect(platform.ledger.summary.total).toBe(1);
});

test.each([
  ['[]', 'the body must be a JSON object'],
  ['{}', 'an event needs "kind"'],
  ['{"kind":"constructor"}', 'an event needs "kind"'],
  ['{"kind":"message","txet":"a"}', 'txet is not one of text, chatId'],
  ['{"kind":"message","text":5}', 'text must be text'],
  ['{"kind":"message","chatType":"crowd"}', 'chatType must be p2p or group'],
  ['{"kind":"card_action","value":"x"}', 'value must be an object'],
  ['{"kind":"custom"}', 'a custom event needs type'],
  ['{"envelope":5}', 'envelope must be an object'],
  ['{"envelope":{}}', 'the event needs uuid'],
  ['{"kind":"message","appId":5}', 'appId must be text'],
  ['{"kind":"message","appId":"cli_0"}', 'there is no app cli_0'],
])('the order %s is refused: %s', (body, error) => {
  const { ask, platform } = desk();
  expect(ask('POST', 'events', body)).toMatchObject({ status: 400, body: { error: expect.stringContaining(error) } });
  expect(platform.ledger.summary.total).toBe(0);
});

test('the ledger can be asked for one event, one state, the last few', () => {
  const { ask } = desk();
  const ids = [1, 2, 3].map(() => ask('POST', 'events', '{"kind":"message"}').body.eventId);
  expect(ask('GET', 'ledger?limit=2').body.events.map((event: { eventId: string }) => event.eventId)).toEqual(
    ids.slice(1),
  );
  expect(ask('GET', `ledger?event_id=${ids[0]}`).body.events).toHaveLength(1);
  expect(ask('GET', 'ledger?state=exhausted').body).toMatchObject({ events: [], summary: { total: 3, pending: 3 } });
  expect(ask('GET', 'ledger?limit=0').status).toBe(400);
});

test('unknown resources and methods are named', () => {
  const { ask } = desk();
  expect(ask('GET', 'weather').body.error).toBe('there is state, faults, events, ledger, not weather');
  expect(ask('GET', 'constructor').status).toBe(404);
  expect(ask('PUT', 'state').body.error).toBe('state takes GET, not PUT');
});

test('nobody from another machine is served', () => {
  const { ask } = desk();
  expect(ask('GET', 'state', '', '192.0.2.1').status).toBe(403);
});
