import {
  AgentError,
  ErrorReason,
  ErrorReport,
  Execute,
  FileRead,
  FileWrite,
  ListProcesses,
  Ping,
  Shutdown,
} from '@limiquantix/agent-proto';
import { eventCodec, responseCodec } from '@limiquantix/agent-proto/codec';
import { expect, test } from 'vitest';
import { connected, rejection } from './connected.ts';

const notFound = new AgentError('FILE_NOT_FOUND', {
  detail: '/etc/x',
  context: 'looked as root',
  resolution: 'Create it',
  reason: ErrorReason.NOT_FOUND,
});

test('error_info is the error, word by word', async () => {
  const { agent, client } = await connected();
  agent.on(FileRead, (r) => r.host.answer(r, { error: String(notFound) }, notFound));
  expect(await rejection(client.call(FileRead, { path: '/etc/x' }))).toMatchObject({
    name: 'FILE_NOT_FOUND',
    code: 4001,
    message: 'File not found: /etc/x',
    context: 'looked as root',
    resolution: 'Create it',
    reason: ErrorReason.NOT_FOUND,
  });
});

test('error_info counts, whatever the response says', async () => {
  const { agent, client } = await connected();
  agent.on(FileRead, (r) => r.host.answer(r, { success: true, eof: true }, notFound));
  expect(await rejection(client.call(FileRead, {}))).toMatchObject({ code: 4001 });
  agent.on(Ping, (r) => r.host.answer(r, {}, new AgentError('DEVICE_BUSY')));
  expect(await rejection(client.call(Ping, {}))).toMatchObject({ code: 1006 });
});

test.each([
  ['QXGA-4001: File not found: /etc/x', 4001, 'File not found: /etc/x'],
  ['QXGA-4001:no space', 4001, 'no space'],
  ['QXGA-4001', 4001, 'File not found'],
  ['QXGA-4999: from the future', 9003, 'QXGA-4999: from the future'],
  ['no such file', 9003, 'no such file'],
  ['QXGA-40011: not a code', 9003, 'QXGA-40011: not a code'],
  ['', 9003, 'the agent gave no reason'],
])('an agent without error_info: %j', async (error, code, message) => {
  const { agent, client } = await connected();
  agent.reply(FileRead, () => ({ success: false, error }));
  agent.reply(Shutdown, () => ({ accepted: false, error }));
  for (const call of [client.call(FileRead, {}), client.call(Shutdown, {})]) {
    const thrown = await rejection(call);
    expect(AgentError.is(thrown)).toBe(true);
    expect(thrown).toMatchObject({ code, message });
  }
});

test('an ErrorEvent with the id of a request answers it', async () => {
  const { agent, client } = await connected();
  agent.on(Ping, ({ id, host }) => host.errorEvent(id, 'QXGA-2002', 'no plugin handles ping'));
  expect(await rejection(client.call(Ping, {}))).toMatchObject({
    code: 2002,
    name: 'UNKNOWN_MESSAGE_TYPE',
    message: 'no plugin handles ping',
    context: 'field: 99',
  });
  agent.on(Ping, ({ id, host }) => host.errorEvent(id, 'QXGA-2002', 'as text', notFound));
  expect(await rejection(client.call(Ping, {}))).toMatchObject({ code: 4001 });
});

test('the output of a command that timed out is worth having', async () => {
  const { agent, client } = await connected();
  const timedOut = {
    exitCode: -1,
    stdout: 'half of it',
    timedOut: true,
    error: 'QXGA-3003: Command timed out',
  };
  agent.reply(Execute, () => timedOut);
  expect(await client.call(Execute, { command: 'x' })).toMatchObject(timedOut);
  const stopped = { exitCode: -1, signal: 9, stdout: 'half', error: 'QXGA-9003: the agent stops' };
  for (const ran of [{ exitCode: 1, stderr: 'no', error: '' }, stopped]) {
    agent.reply(Execute, () => ran);
    expect(await client.call(Execute, { command: 'x' })).toMatchObject(ran);
  }
  const error = new AgentError('EXECUTION_TIMEOUT');
  agent.on(Execute, (request) => request.host.answer(request, timedOut, error));
  expect(await client.call(Execute, { command: 'x' })).toMatchObject(timedOut);
  agent.on(Execute, (request) => request.host.answer(request, { exitCode: -1 }, error));
  expect(await rejection(client.call(Execute, { command: 'x' }))).toMatchObject({ code: 3003 });
  agent.reply(Execute, () => ({ exitCode: -1, error: 'QXGA-3001: Command not found: x' }));
  expect(await rejection(client.call(Execute, { command: 'x' }))).toMatchObject({ code: 3001 });
});

test('an answer of another type, or one that does not decode, is no answer', async () => {
  const { agent, client } = await connected();
  agent.on(Ping, ({ id, host }) => host.answer({ id, method: FileWrite }, { success: true }));
  const otherType = await rejection(client.call(Ping, {}));
  expect(otherType).toMatchObject({ name: 'INVALID_MESSAGE' });
  expect(String(otherType)).toContain('ping');

  const badBytes = Buffer.from([0xff]);
  agent.on(Ping, ({ id, host }) => host.sendBytes(id, Ping.response, badBytes));
  expect(await rejection(client.call(Ping, {}))).toMatchObject({ name: 'INVALID_MESSAGE' });

  agent.on(Ping, ({ id, host }) => host.send(id, Ping.response, responseCodec(Ping), {}, badBytes));
  expect(await rejection(client.call(Ping, {}))).toMatchObject({ name: 'INVALID_MESSAGE' });
});

test('texts of a guest are cut to size and cannot steer a terminal', async () => {
  const { agent, client } = await connected();
  const error = new AgentError('INTERNAL_ERROR', { context: 'x'.repeat(1_000_000) });
  error.message = 'two lines\n\u001b[31mred\u009b0m';
  agent.on(ListProcesses, (r) => r.host.answer(r, {}, error));
  const thrown = (await rejection(client.call(ListProcesses, {}))) as AgentError;
  expect(thrown.message).toBe('two lines\n\ufffd[31mred\ufffd0m');
  expect(thrown.context?.length).toBeLessThan(5000);
  agent.on(Ping, ({ id, host }) =>
    host.send(id, ErrorReport.field, eventCodec(ErrorReport), {
      code: 'QXGA-2001',
      details: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key${i}`, 'value'])),
    }),
  );
  const many = (await rejection(client.call(Ping, {}))) as AgentError;
  expect(many.context?.length).toBeLessThan(5000);
});
