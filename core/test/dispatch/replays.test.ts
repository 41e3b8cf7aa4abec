import { randomUUID } from 'node:crypto';
import { AgentError, type AnyMethod, Execute, FileRead, Shutdown } from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, it } from 'vitest';
import { Replays } from '../../src/dispatch/replays.ts';
import { DispatchBench, execute, waiting } from './dispatch-bench.ts';

describe('a request that comes again', () => {
  let bench: DispatchBench;

  beforeEach(() => {
    bench = new DispatchBench();
  });

  const counting = execute("record(call.id); return { stdout: 'done' };");

  it('is answered as it was, on another connection too, and not carried out', async () => {
    bench.write('x', counting);
    await bench.serve();
    const id = randomUUID();
    for (let i = 0; i < 3; i++) {
      const host = bench.connect();
      host.send(Execute, { command: 'reboot' }, id);
      expect(await host.answer(Execute, id)).toMatchObject({ exitCode: 0, stdout: 'done' });
    }
    expect(bench.records).toEqual([id]);
    expect(bench.settled).toEqual(Array(3).fill(`${id} ok`));
  });

  it('whose answer its host never got is answered to the next', async () => {
    bench.write('x', waiting);
    await bench.serve();
    const [lost, next] = [bench.connect(), bench.connect()];
    const id = randomUUID();
    lost.send(Execute, { command: 'a' }, id);
    await bench.begun(id);
    lost.session.end();
    next.send(Execute, { command: 'a' }, id);
    expect(await next.refusal(id)).toMatchObject({
      code: 'QXGA-2005',
      message: expect.stringContaining('still being carried out'),
    });
    next.received.length = 0;
    bench.open('a');
    await expect.poll(() => bench.dispatcher.inFlight).toBe(0);
    next.send(Execute, { command: 'a' }, id);
    expect(await next.answer(Execute, id)).toMatchObject({ exitCode: 0 });
    expect(bench.records).toEqual([id]);
  });

  it('with what it was cut short by, has that again', async () => {
    const body = `record(call.id); call.cutShort({ toWire: () => ({ code: 3003 }) });
      return { exitCode: -1, stdout: 'half' };`;
    bench.write('x', execute(body));
    await bench.serve();
    const id = randomUUID();
    for (let i = 0; i < 2; i++) {
      const host = bench.connect();
      host.send(Execute, {}, id);
      expect(await host.answer(Execute, id)).toMatchObject({ stdout: 'half', code: 3003 });
    }
    expect(bench.records).toEqual([id]);
  });

  it.each([
    ['failed', randomUUID(), "record(call.id); throw new Error('not started');"],
    ['has an id that may be used again', 'request-1', 'record(call.id); return {};'],
  ])('is carried out again where it %s', async (_, id, body) => {
    bench.write('x', execute(body));
    await bench.serve();
    for (let i = 0; i < 2; i++) {
      const host = bench.connect();
      host.send(Execute, {}, id);
      await host.answer(Execute, id);
    }
    expect(bench.records).toEqual([id, id]);
  });

  it('is refused as any other where the guest refuses it by now, and still known after that', async () => {
    bench.write('x', counting);
    let denied = false;
    const denial = new AgentError('ALREADY_QUIESCED');
    await bench.serve({
      taps: (hooks) => hooks.authorize.tap('test', () => (denied ? denial : undefined)),
    });
    const id = randomUUID();
    const answers: unknown[] = [];
    for (const step of [false, true, false]) {
      denied = step;
      const host = bench.connect();
      host.send(Execute, {}, id);
      answers.push(await host.answer(Execute, id));
    }
    const done = expect.objectContaining({ exitCode: 0, stdout: 'done' });
    expect(answers).toEqual([done, expect.objectContaining({ exitCode: -1 }), done]);
    expect(bench.records).toEqual([id]);
  });

  it('is another one where it asks for something else', async () => {
    bench.write('x', counting);
    await bench.serve();
    const id = randomUUID();
    for (const command of ['a', 'b']) {
      const host = bench.connect();
      host.send(Execute, { command }, id);
      await host.answer(Execute, id);
    }
    expect(bench.records).toEqual([id, id]);
  });
});

describe('what is kept of requests', () => {
  const payload = Buffer.from('payload');
  let now = 0;
  let replays: Replays;

  beforeEach(() => {
    now = 0;
    replays = new Replays(() => now);
  });

  function served(bytes: number, method: AnyMethod = Execute): string {
    const id = randomUUID();
    const call = { id, method };
    expect(replays.begin(call, payload)).toBeUndefined();
    replays.end(call, { response: { id }, error: undefined }, bytes);
    return id;
  }

  /** One that is not known begins; what fails is forgotten. */
  const known = (ids: readonly string[], method: AnyMethod = Execute) =>
    ids.filter((id) => {
      const call = { id, method };
      const before = replays.begin(call, payload);
      replays.forget(call);
      return before !== undefined;
    });

  it('is bounded in number, bytes and time, and the newest remain', () => {
    const many = Array.from({ length: 1500 }, () => served(10));
    expect(known(many.slice(-1024))).toHaveLength(1024);
    expect(known(many.slice(0, -1024))).toEqual([]);
    const large = Array.from({ length: 30 }, () => served(100_000));
    expect(known(large)).toEqual(large.slice(-10));
    now = 10 * 60_000;
    expect(known(large)).toHaveLength(10);
    now++;
    expect(known(large)).toEqual([]);
  });

  it('is not an answer that is long, but that there was one', () => {
    const id = served(1_000_000);
    expect(() => known([id])).toThrow(AgentError);
    expect(() => known([id])).toThrow(/too long to be kept/);
  });

  it('is nothing of what only reads', () => {
    expect(known([served(10, FileRead)], FileRead)).toEqual([]);
    expect(known([served(10, Shutdown)], Shutdown)).toHaveLength(1);
  });
});
