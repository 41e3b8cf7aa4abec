import { writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import {
  AgentReady,
  Execute,
  type ExecuteResponse,
  GetCapabilities,
  Ping,
  type PongResponse,
  Telemetry,
} from '@limiquantix/agent-proto';
import { AgentErrorCodec, decode, eventCodec } from '@limiquantix/agent-proto/codec';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess } from '../support/agent-process.ts';
import { answerOf, errorOf, frameOf, isEvent, RawHost } from '../support/raw-host.ts';

let agent: AgentProcess;
let host: RawHost;
const hosts: RawHost[] = [];

beforeAll(async () => {
  agent = await AgentProcess.start();
});
afterAll(() => agent.stop());
afterEach(() => {
  for (const one of hosts.splice(0)) one.close();
});

async function connected(): Promise<RawHost> {
  host = await RawHost.connect(agent.socket);
  hosts.push(host);
  await host.next(isEvent('agent_ready'));
  return host;
}

async function pings(id: string): Promise<void> {
  host.request(Ping, { sequence: 1 }, { id });
  answerOf<PongResponse>(Ping, await host.answer(id));
}

describe('a session', () => {
  it('begins with one AgentReady, then telemetry', async () => {
    await connected();
    await host.next(isEvent('telemetry'));
    expect(host.received[0]?.field).toBe(AgentReady.field);
    expect(host.received.filter(isEvent('agent_ready'))).toHaveLength(1);
    const ready = decode(eventCodec(AgentReady), host.received[0]?.payload ?? new Uint8Array());
    expect(ready).toMatchObject({ version: '0.1.0', degraded: undefined });
    expect(ready.capabilities).toContain('execute');
    expect(ready.bootId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('has an id of its own', async () => {
    const ids = new Set<string>();
    for (let i = 0; i < 3; i++) {
      await connected();
      ids.add(
        decode(eventCodec(AgentReady), host.received[0]?.payload ?? new Uint8Array()).sessionId,
      );
    }
    expect(ids.size).toBe(3);
  });

  it('greets again a host that asks for it, before it answers', async () => {
    await connected();
    const before = host.received.length;
    host.request(Ping, { greet: true }, { id: 'greet' });
    await host.answer('greet');
    const since = host.received.slice(before).filter(({ field }) => field !== Telemetry.field);
    expect(since.map(({ field }) => field)).toEqual([AgentReady.field, Ping.response]);
    const [first, again] = host.received
      .filter(isEvent('agent_ready'))
      .map(({ payload }) => decode(eventCodec(AgentReady), payload).sessionId);
    expect(again).toBe(first);
  });

  it('is told for how long the agent has run, and not the machine', async () => {
    const fresh = await AgentProcess.start();
    try {
      const { uptimeSeconds } = await (await fresh.client()).call(Ping, {});
      expect(uptimeSeconds).toBeLessThan(Math.min(uptime(), 60));
    } finally {
      await fresh.stop();
    }
  });

  it('brings a report at once to a host that asks for a greeting', async () => {
    await connected();
    const first = await host.next(isEvent('telemetry'));
    host.request(Ping, { greet: true });
    // Before the next by the clock would come.
    await host.next((frame) => isEvent('telemetry')(frame) && frame !== first, 3000);
  });

  it('is served beside others', async () => {
    const first = await connected();
    const second = await connected();
    const over = join(agent.dir, 'over');
    const command = `until [ -e ${over} ]; do sleep 0.05; done; echo slow`;
    first.request(Execute, { command }, { id: 'slow' });
    second.request(Ping, {}, { id: 'quick' });
    await second.answer('quick');
    writeFileSync(over, '');
    const slow = await first.answer('slow');
    expect(answerOf<ExecuteResponse>(Execute, slow).stdout).toBe('slow\n');
  });
});

describe('framing', () => {
  it('answers in the dialect that the host speaks, and follows when it changes', async () => {
    await connected();
    for (const [id, dialect] of [
      ['a', 'plain'],
      ['b', 'magic'],
      ['c', 'magic'],
      ['d', 'plain'],
    ] as const) {
      host.request(Ping, {}, { id, dialect });
      expect((await host.answer(id)).dialect).toBe(dialect);
    }
  });

  it('takes frames in any pieces, and several at once', async () => {
    await connected();
    const bytes = Buffer.concat(
      ['p-1', 'p-2', 'p-3'].map((id) => frameOf(Ping, { sequence: 5 }, id)),
    );
    for (const byte of bytes) {
      host.send(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    host.send(Buffer.concat(['q-1', 'q-2', 'q-3'].map((id) => frameOf(Ping, {}, id))));
    for (const id of ['p-1', 'p-2', 'p-3', 'q-1', 'q-2', 'q-3']) await host.answer(id);
  });

  it('repeats a sequence number of 64 bits exactly', async () => {
    await connected();
    host.request(Ping, { sequence: 18_446_744_073_709_551_615n }, { id: 'big' });
    const pong = answerOf<PongResponse>(Ping, await host.answer('big'));
    expect(pong.sequence).toBe(18_446_744_073_709_551_615n);
  });

  it('says 2003 for a frame that is too long, with its id, and skips it as it streams by', async () => {
    await connected();
    const body = Buffer.alloc(5 * 1024 * 1024, 0x41);
    Buffer.from([0x0a, 4, ...Buffer.from('long'), 0x5a]).copy(body);
    const header = Buffer.alloc(4);
    header.writeUInt32BE(body.length);
    host.send(Buffer.concat([header, body]));
    expect(errorOf(await host.answer('long')).code).toBe('QXGA-2003');
    await pings('after-long');
  });

  it.each([
    ['text', Buffer.from('GET / HTTP/1.1\r\nHost: guest\r\n\r\n')],
    ['an announced length of 4 GiB', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['zeros', Buffer.alloc(64)],
    [
      'half a frame of a host that left',
      frameOf(Execute, { command: 'x'.repeat(90) }, 'gone').subarray(40),
    ],
  ])('finds its way back after %s', async (_, garbage) => {
    await connected();
    host.send(garbage);
    host.request(Ping, {}, { id: 'found' });
    await host.answer('found', 5000);
  });
});

describe('what cannot be served', () => {
  it('is 2001 for a frame of length zero and for a message that does not decode', async () => {
    await connected();
    host.send(Buffer.alloc(4));
    expect(errorOf(await host.next(isEvent('error'))).code).toBe('QXGA-2001');
    const broken = Buffer.from([0x0a, 2, 0x69, 0x64, 0x5a, 3, 0x0a, 0x7f, 0x00]);
    host.send(Buffer.concat([Buffer.from([0, 0, 0, broken.length]), broken]));
    const answer = await host.answer('id');
    expect(errorOf(answer).code).toBe('QXGA-2001');
    await pings('after-2001');
  });

  it("is 2002 for a payload that is unknown or a guest's own", async () => {
    await connected();
    for (const field of [9_999, 45, 50, 100]) {
      const tag: number[] = [];
      for (let v = (field << 3) | 2; ; v >>>= 7) {
        tag.push(v < 128 ? v : (v & 127) | 128);
        if (v < 128) break;
      }
      const id = `type-${field}`;
      const message = Buffer.from([0x0a, id.length, ...Buffer.from(id), ...tag, 0]);
      host.send(Buffer.concat([Buffer.from([0, 0, 0, message.length]), message]));
      expect(errorOf(await host.answer(id)).code).toBe('QXGA-2002');
    }
  });

  it('is 2004 without a payload, 2005 without a usable id', async () => {
    await connected();
    host.send(Buffer.from([0, 0, 0, 6, 0x0a, 4, ...Buffer.from('none')]));
    expect(errorOf(await host.answer('none')).code).toBe('QXGA-2004');
    host.received.length = 0;
    host.send(Buffer.from([0, 0, 0, 2, 0x52, 0]));
    expect(errorOf(await host.next(isEvent('error'))).code).toBe('QXGA-2005');
    for (const id of ['has space', 'x'.repeat(65), 'ünï']) {
      host.received.length = 0;
      host.request(Ping, {}, { id });
      expect(errorOf(await host.next(isEvent('error'))).code).toBe('QXGA-2005');
    }
  });

  it('is 2005 for an id that is in flight; the first request is still answered once', async () => {
    await connected();
    host.request(Execute, { command: 'sleep 0.3; echo done' }, { id: 'twice' });
    host.request(Ping, {}, { id: 'twice' });
    expect(errorOf(await host.answer('twice')).code).toBe('QXGA-2005');
    const done = await host.next(
      (frame) => frame.id === 'twice' && frame.field === Execute.response,
    );
    expect(answerOf<ExecuteResponse>(Execute, done).stdout).toBe('done\n');
  });

  it("fails in the request's own type, with the code in its text and in the envelope", async () => {
    await connected();
    host.request(Execute, { command: '/no/such/program', args: ['x'] }, { id: 'fails' });
    const frame = await host.answer('fails');
    const answer = answerOf<ExecuteResponse>(Execute, frame);
    expect(answer).toMatchObject({ exitCode: -1 });
    expect(answer.error).toMatch(/^QXGA-3001: /);
    expect(frame.error?.length).toBeGreaterThan(0);
  });

  it('says what a command that was killed wrote, and beside it that it was killed', async () => {
    await connected();
    host.request(Execute, { command: 'echo half; sleep 60', timeoutSeconds: 1 }, { id: 'killed' });
    const frame = await host.answer('killed');
    const answer = answerOf<ExecuteResponse>(Execute, frame);
    expect(answer).toMatchObject({ stdout: 'half\n', timedOut: true, signal: 9 });
    expect(answer.error).toMatch(/^QXGA-3003: /);
    const error = decode(AgentErrorCodec, frame.error ?? new Uint8Array());
    expect(error).toMatchObject({ code: 3003, name: 'EXECUTION_TIMEOUT' });
  });
});

it('answers 1,000 requests in flight once each', async () => {
  await connected();
  const ids = Array.from({ length: 1000 }, (_, i) => `many-${i}`);
  host.send(
    Buffer.concat(
      ids.map((id, i) => (i % 2 ? frameOf(Ping, {}, id) : frameOf(GetCapabilities, {}, id))),
    ),
  );
  await Promise.all(ids.map((id) => host.answer(id, 15_000)));
  const answered = host.received.filter(({ id }) => id.startsWith('many-'));
  expect(answered).toHaveLength(1000);
});
