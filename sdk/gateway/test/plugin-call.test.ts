import { AgentError, PluginCall } from '@limiquantix/agent-proto';
import { expect, test } from 'vitest';
import { startVm } from './gateway-under-test.ts';
import { on } from './scripted-agent.ts';

const PATH = '/plugins/greet/call/greet';
const echo = on(PluginCall, ({ payload }) => ({ payload }));

test('names plugin and method by the path; a payload is text unless said otherwise', async () => {
  const { ask, agent } = await startVm(
    on(PluginCall, () => ({ payload: Buffer.from('hello, you') })),
  );
  expect(await ask(PATH, { payload: 'you' })).toEqual({
    status: 200,
    body: { success: true, payload: 'hello, you', encoding: 'utf-8' },
  });
  expect(agent.calls).toEqual([
    {
      name: 'plugin_call',
      request: { plugin: 'greet', method: 'greet', payload: Buffer.from('you') },
    },
  ]);
});

test('needs no payload', async () => {
  const { fetch } = await startVm(echo);
  const response = await fetch(PATH, { method: 'POST' });
  expect(await response.json()).toEqual({ success: true, payload: '', encoding: 'utf-8' });
});

test('bytes there and back', async () => {
  const { ask } = await startVm(echo);
  const bytes = { payload: '/wA=', encoding: 'base64' };
  expect((await ask(PATH, bytes)).body).toEqual({ success: true, ...bytes });
});

test.each([[{ names: ['a', 'b'] }], ['text'], [7], [null], [[true]]])(
  'JSON there and back: %j',
  async (payload) => {
    const { ask, agent } = await startVm(echo);
    const { body } = await ask(PATH, { payload, encoding: 'json' });
    expect(body).toEqual({ success: true, payload, encoding: 'json' });
    expect(agent.calls[0]?.request).toMatchObject({
      payload: Buffer.from(JSON.stringify(payload)),
    });
  },
);

test('JSON comes as the plugin wrote it, however long its numbers and deep its lists', async () => {
  const deep = `${'['.repeat(50_000)}12345678901234567890${']'.repeat(50_000)}`;
  const { fetch } = await startVm(on(PluginCall, () => ({ payload: Buffer.from(deep) })));
  const response = await fetch(PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"encoding": "json"}',
  });
  expect(response.headers.get('content-type')).toContain('application/json');
  expect(await response.text()).toBe(`{"success":true,"payload":${deep},"encoding":"json"}`);
});

test.each([
  ['no JSON', 'no JSON', 'utf-8'],
  ['', '', 'utf-8'],
  [Buffer.from([0xff]), '/w==', 'base64'],
])('an answer %j to JSON tells what it is', async (answer, payload, encoding) => {
  const { ask } = await startVm(on(PluginCall, () => ({ payload: Buffer.from(answer) })));
  const { status, body } = await ask(PATH, { payload: {}, encoding: 'json' });
  expect({ status, body }).toEqual({ status: 200, body: { success: true, payload, encoding } });
});

test.each([
  [{ payload: { a: 1 } }, 'with "encoding": "json" it may be any JSON'],
  [{ payload: '?', encoding: 'base64' }, 'payload must be base64'],
  [{ encoding: 'yaml' }, 'encoding must be one of utf-8, base64, json'],
  [{ timeout_seconds: 0 }, 'timeout_seconds must be a whole number from 1'],
  [{ method: 'x' }, 'method is no field'],
])('%j is refused', async (request, detail) => {
  const { ask, agent } = await startVm(echo);
  const { status, body } = await ask(PATH, request);
  expect({ status, detail: body.detail }).toEqual({
    status: 400,
    detail: expect.stringContaining(detail),
  });
  expect(agent.calls).toEqual([]);
});

test('has the time that it is given, and is called off then', async () => {
  const { ask, agent } = await startVm(on(PluginCall, () => new Promise(() => undefined)));
  const { status } = await ask(PATH, { timeout_seconds: 1 });
  expect(status).toBe(504);
  await expect.poll(() => agent.cancelled).toEqual(['plugin_call']);
});

test("a method's own failure keeps its code", async () => {
  const { ask } = await startVm(
    on(PluginCall, () => {
      throw new AgentError('MISSING_PAYLOAD', { detail: 'greet whom?' });
    }),
  );
  const { status, body } = await ask(PATH, {});
  expect({ status, code: body.code }).toEqual({ status: 400, code: 'QXGA-2004' });
});
