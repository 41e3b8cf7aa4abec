import {
  AgentReady,
  ClipboardChanged,
  ErrorReport,
  PluginEmitted,
  PluginState,
  PluginStateChanged,
  Telemetry,
} from '@limiquantix/agent-proto';
import { expect, test, vi } from 'vitest';
import { eventually, startVm } from './gateway-under-test.ts';

/** The text of a stream as it comes. */
function collect(response: Response): { text: string; ended: boolean } {
  const collected = { text: '', ended: false };
  const decoder = new TextDecoder();
  void (async () => {
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      collected.text += decoder.decode(chunk, { stream: true });
    }
  })()
    .catch(() => undefined)
    .finally(() => {
      collected.ended = true;
    });
  return collected;
}

function eventsIn(text: string): { event: string; data: unknown }[] {
  return text
    .split('\n\n')
    .filter((part) => part.startsWith('event: '))
    .map((part) => {
      const [event, data] = part.split('\n');
      return {
        event: (event as string).slice('event: '.length),
        data: JSON.parse((data as string).slice('data: '.length)),
      };
    });
}

test('what the agent says unasked', async () => {
  const { fetch, agent } = await startVm();
  const response = await fetch('/events');
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const stream = collect(response);
  await eventually(() => stream.text !== '');
  agent.emit(Telemetry, { cpuUsagePercent: 1 });
  agent.emit(ClipboardChanged, { data: Buffer.from('a\nb') });
  agent.emit(ErrorReport, { code: 'QXGA-9003', message: 'm' });
  agent.emit(AgentReady, { version: '1.3.0' });
  agent.emit(PluginEmitted, { plugin: 'greet', event: 'left', payload: Buffer.from('you') });
  agent.emit(PluginStateChanged, { plugin: { name: 'file', state: PluginState.DRAINING } });
  await eventually(() => eventsIn(stream.text).length === 6);
  const events = new Map(eventsIn(stream.text).map(({ event, data }) => [event, data]));
  expect(events.get('telemetry')).toMatchObject({ cpu_usage_percent: 1 });
  expect(events.get('clipboard_changed')).toMatchObject({ type: 'text', data: 'a\nb' });
  expect(events.get('error')).toMatchObject({ code: 'QXGA-9003' });
  expect(events.get('agent_ready')).toMatchObject({ version: '1.3.0' });
  expect(events.get('plugin_event')).toEqual({
    ...{ plugin: 'greet', event: 'left' },
    ...{ payload: 'you', encoding: 'utf-8' },
  });
  expect(events.get('plugin_state')).toMatchObject({ plugin: { name: 'file', state: 'draining' } });
});

test('the stream ends with its VM', async () => {
  const { fetch, agent } = await startVm();
  const stream = collect(await fetch('/events'));
  await agent.close();
  await eventually(() => stream.ended);
});

test('a comment every 15 seconds keeps it open', async () => {
  const { fetch } = await startVm();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const stream = collect(await fetch('/events'));
    await eventually(() => stream.text !== '');
    await vi.advanceTimersByTimeAsync(15_000);
    await eventually(() => stream.text.includes(': alive\n\n'));
  } finally {
    vi.useRealTimers();
  }
});

test('a reader that does not read is left, and costs little until then', async () => {
  const { fetch, agent } = await startVm();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const response = await fetch('/events');
    const message = 'x'.repeat(60_000);
    for (let i = 0; i < 400; i++) {
      agent.emit(ErrorReport, { message });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.advanceTimersByTimeAsync(30_000);
    const stream = collect(response);
    await eventually(() => stream.ended);
    // Of 24 MB: what fitted into the sockets.
    expect(stream.text.length).toBeLessThan(20_000_000);
  } finally {
    vi.useRealTimers();
  }
});
