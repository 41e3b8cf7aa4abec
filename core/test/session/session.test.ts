import {
  AgentError,
  ErrorReport,
  Execute,
  FileRead,
  Ping,
  PluginEmitted,
  Telemetry,
} from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionOptions } from '../../src/session/session.ts';
import { requestFrame } from '../host.ts';
import { work } from '../work.ts';
import { inFlight, type Opened, openSession } from './open-session.ts';

let { agentEnd, host, session, requests, ends, log }: Opened = {} as Opened;

function open(options: Partial<SessionOptions> = {}): void {
  ({ agentEnd, host, session, requests, ends, log } = openSession(options));
}

beforeEach(() => open());

const arrived = (count: number) => expect.poll(() => requests).toHaveLength(count);

describe('answers', () => {
  it('come with the error in the envelope', async () => {
    const error = new AgentError('FILE_NOT_FOUND', { detail: '/x' });
    session.answer('a', FileRead, { success: false, error: error.toString() }, { error });
    expect(await host.answer(FileRead, 'a')).toMatchObject({
      success: false,
      error: 'QXGA-4001: File not found: /x',
      code: 4001,
    });
  });

  it('that are too large are not sent', () => {
    const data = new Uint8Array(2_000_001);
    expect(() => session.answer('a', FileRead, { data })).toThrow(
      expect.objectContaining({
        code: 2003,
        message: expect.stringContaining('2000000 may be sent'),
      }),
    );
  });

  it('that cannot be encoded are not sent', () => {
    const broken = { error: { toString: null } } as unknown as { error: string };
    expect(() => session.answer('a', FileRead, broken)).toThrow(
      expect.objectContaining({ code: 2006 }),
    );
  });

  it('go nowhere once the session ended', () => {
    session.end();
    expect(session.answer('a', Ping, {})).toBeGreaterThan(0);
  });
});

describe('events', () => {
  it('carry ids of their own', async () => {
    session.emit(Telemetry, {});
    await host.first(({ id }) => id === 'event-1');
    session.emit(Telemetry, {});
    await host.first(({ id }) => id === 'event-2');
    expect(host.received.map(({ id }) => id)).toEqual(['event-1', 'event-2']);
  });

  it('are dropped with a word in the log where they cannot be sent', async () => {
    session.emit(PluginEmitted, { payload: new Uint8Array(3_000_000) });
    session.emit(PluginEmitted, { plugin: { toString: null } as unknown as string });
    session.emit(ErrorReport, { code: 'next' });
    await host.first(({ id }) => id === 'event-3');
    expect(host.received).toHaveLength(1);
    expect(log.entries.filter(({ message }) => message.startsWith('event dropped'))).toHaveLength(
      2,
    );
  });
});

describe('a host that does not read', () => {
  const megabyte = new Uint8Array(1_000_000);

  it('is not asked for more until it does', async () => {
    host.stream.pause();
    for (let i = 0; i < 6; i++) session.answer(`a${i}`, FileRead, { data: megabyte });
    expect(session.outbox.full).toBe(true);
    host.send(Ping, {}, 'one');
    await arrived(1);
    expect(agentEnd.isPaused()).toBe(true);
    host.send(Ping, {}, 'two');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(requests).toHaveLength(1);
    host.stream.resume();
    await arrived(2);
    await host.first(({ id }) => id === 'a5');
  });

  it('costs none of its own half-sent request, however long it takes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    try {
      open();
      host.stream.pause();
      const large = requestFrame('large', Execute, { command: 'x'.repeat(1000) });
      for (let i = 0; i < 6; i++) session.answer(`a${i}`, FileRead, { data: megabyte });
      agentEnd.push(large.subarray(0, 500));
      await expect.poll(() => agentEnd.isPaused()).toBe(true);
      vi.advanceTimersByTime(60_000);
      host.stream.resume();
      await expect.poll(() => agentEnd.isPaused()).toBe(false);
      vi.advanceTimersByTime(1000);
      agentEnd.push(large.subarray(500));
      await arrived(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that leaves costs the rest of its half-sent request', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    try {
      open();
      host.stream.write(requestFrame('cut', Execute, { command: 'x' }).subarray(0, 12));
      await new Promise((resolve) => setImmediate(resolve));
      expect(vi.getTimerCount()).toBe(1);
      vi.advanceTimersByTime(31_000);
      expect(vi.getTimerCount()).toBe(0);
      host.send(Ping, {}, 'next');
      await arrived(1);
      expect(requests[0]?.id).toBe('next');
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a host that asks for much at once', () => {
  it('is answered in order, and lets others have their turn', async () => {
    const ids = Array.from({ length: 200 }, (_, i) => `n-${i}`);
    let [inTurn, most] = [0, 0];
    open({
      onRequest: ({ id }, from) => {
        from.answer(id, Ping, {});
        work(0.1);
        most = Math.max(most, ++inTurn);
      },
    });
    agentEnd.emit('data', Buffer.concat(ids.map((id) => requestFrame(id, Ping))));
    expect(agentEnd.isPaused()).toBe(true);
    while (agentEnd.isPaused()) {
      inTurn = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await host.first(({ id }) => id === 'n-199');
    expect(host.received.map(({ id }) => id)).toEqual(ids);
    expect(most).toBeLessThan(10);
    host.send(Ping, {}, 'next');
    await host.first(({ id }) => id === 'next');
  });

  it('costs nothing more once it has left', async () => {
    const frames = Array.from({ length: 200 }, (_, i) => requestFrame(`n-${i}`, Ping));
    let served = 0;
    open({
      onRequest: () => {
        served++;
        work(0.1);
      },
    });
    agentEnd.emit('data', Buffer.concat(frames));
    const before = served;
    session.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(before).toBeLessThan(200);
    expect(served).toBe(before);
  });
});

describe('requests that do not come to their end', () => {
  it.each([
    ['are only so many', 1022, 10],
    ['hold only so much', 15, 8 * 1024 * 1024],
  ])('%s before no more are read', async (_, count, bytes) => {
    const calls = Array.from({ length: count }, (_, i) => inFlight(`n-${i}`, bytes));
    for (const call of calls) session.entered(call);
    host.send(Ping, {}, 'taken');
    await arrived(1);
    expect(agentEnd.isPaused()).toBe(false);
    session.entered(inFlight('last', bytes));
    host.send(Ping, {}, 'paused');
    await arrived(2);
    expect(agentEnd.isPaused()).toBe(true);
    host.send(Ping, {}, 'waits');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(requests).toHaveLength(2);
    for (const call of calls) session.left(call);
    await arrived(3);
  });
});

describe('the end', () => {
  it.each([
    ['the host hangs up', () => host.stream.end()],
    ['the stream breaks', () => agentEnd.destroy(new Error('broken'))],
  ])('comes once when %s', async (_, leave) => {
    leave();
    await expect.poll(() => session.ended).toBe(true);
    session.end();
    expect(ends).toHaveLength(1);
    expect(agentEnd.destroyed).toBe(true);
  });

  it('ends what has not begun, and lets run what has', () => {
    const ends: string[] = [];
    const cancel = (id: string) => (error: AgentError) => ends.push(`${id} ${error.name}`);
    session.entered({ ...inFlight('waits'), begun: false, cancel: cancel('waits') });
    session.entered({ ...inFlight('runs'), cancel: cancel('runs') });
    session.end();
    expect(ends).toEqual(['waits CONNECTION_LOST']);
  });

  it('sends what was queued nowhere', async () => {
    host.stream.pause();
    for (let i = 0; i < 6; i++) session.answer(`a${i}`, FileRead, { data: new Uint8Array(1e6) });
    session.end();
    expect(session.outbox.queuedBytes).toBe(0);
  });
});
