import { Execute, FileWrite, Ping, Shutdown } from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, it } from 'vitest';
import { requestFrame } from '../host.ts';
import { DispatchBench, execute } from './dispatch-bench.ts';

let bench: DispatchBench;

beforeEach(() => {
  bench = new DispatchBench();
});

describe('every request gets exactly one answer', () => {
  it.each([
    ['returns', 'return { stdout: "hi" };', { exitCode: 0, code: undefined }],
    ['returns a promise', 'return Promise.resolve({ exitCode: 3 });', { exitCode: 3 }],
    [
      'returns what is like a promise',
      'return { then: (done) => done({ exitCode: 3 }) };',
      { exitCode: 3 },
    ],
    ['returns nothing', '', { exitCode: 0, code: undefined }],
    ['throws an error', "throw new Error('bug');", { exitCode: -1, code: 9003 }],
    ['rejects', "return Promise.reject(new Error('bug'));", { exitCode: -1, code: 9003 }],
    ['throws a string', "throw 'bug';", { exitCode: -1, code: 9003 }],
    ['throws nothing', 'throw undefined;', { exitCode: -1, code: 9003 }],
    ['throws what has no text', 'throw Object.create(null);', { exitCode: -1, code: 9003 }],
    ['throws a symbol', 'throw Symbol("bug");', { exitCode: -1, code: 9003 }],
    ['returns what cannot be encoded', 'return { signal: { toString: null } };', { code: 2006 }],
    ['returns too much', 'return { stdout: "x".repeat(2e6) };', { exitCode: -1, code: 2003 }],
  ])('when a handler %s', async (_, body, expected) => {
    bench.write('x', execute(body));
    await bench.serve();
    const host = bench.connect();
    const id = host.send(Execute, { command: 'x' });
    expect(await host.answer(Execute, id)).toMatchObject(expected);
    host.send(Ping, {}, 'after');
    await host.first((message) => message.id === 'after');
    expect(host.count(id)).toBe(1);
    expect(bench.settled.filter((text) => text.startsWith(id))).toHaveLength(1);
    expect(bench.dispatcher.inFlight).toBe(0);
    expect(host.session.inFlight.size).toBe(0);
  });

  it.each([
    ['was sent', 'return {};'],
    ['cannot be sent', 'return { stdout: "x".repeat(2e6) };'],
    ['is a failure', "throw new Error('bug');"],
  ])('after which its buffers are given back, once: where it %s', async (_, end) => {
    bench.write('x', execute(`call.afterSent(() => record('given back')); ${end}`));
    await bench.serve();
    await bench.connect().call(Execute, { command: 'x' });
    await bench.begun('given back');
  });

  it("when a handler throws an AgentError of its bundle's own copy", async () => {
    const body = `
      class Copy extends Error {
        code = 4001; name = 'FILE_NOT_FOUND'; resolution = 'look'; context = undefined;
        get codeString() { return 'QXGA-4001'; }
        toString() { return 'QXGA-4001: ' + this.message; }
        toWire() { return { code: 4001, name: this.name, message: this.message }; }
      }
      Object.defineProperty(Copy.prototype, Symbol.for('limiquantix.AgentError'), { value: true });
      throw new Copy('File not found: /x');`;
    bench.write('x', execute(body));
    await bench.serve();
    const answer = await bench.connect().call(Execute, { command: 'x' });
    expect(answer).toMatchObject({ code: 4001, error: 'QXGA-4001: File not found: /x' });
  });

  it('when the failure itself is too long to be sent', async () => {
    bench.write('x', execute('throw new Error("x".repeat(3e6));'));
    await bench.serve();
    const host = bench.connect();
    const id = host.send(Execute, {});
    expect(await host.refusal(id)).toMatchObject({ code: 'QXGA-2006' });
    expect(bench.settled).toEqual([`${id} INTERNAL_ERROR`]);
  });

  it('when the request cannot be decoded', async () => {
    bench.write('x', execute(''));
    await bench.serve();
    const host = bench.connect();
    const frame = requestFrame('bad', Execute, { command: 'abc' });
    frame[frame.length - 1] = 0xff;
    host.stream.write(frame);
    expect(await host.refusal('bad')).toMatchObject({
      code: 'QXGA-2001',
      message: expect.stringContaining('execute: '),
    });
    expect(host.count('bad')).toBe(1);
  });

  it('when no plugin answers, and it says why', async () => {
    bench.disabled.add('x');
    bench.write('x', execute(''));
    await bench.serve();
    const host = bench.connect();
    expect(await host.refusal(host.send(Execute, {}))).toMatchObject({
      code: 'QXGA-2002',
      message: expect.stringContaining('execute: the plugin x is disabled'),
    });
    expect(await host.refusal(host.send(Shutdown, {}))).toMatchObject({
      code: 'QXGA-2002',
      message: expect.stringContaining('no plugin answers shutdown'),
    });
  });

  it("when the plugin's code does not load", async () => {
    bench.write('x', { manifest: { handles: ['execute'] }, code: "throw new Error('no luck');" });
    await bench.serve();
    const host = bench.connect();
    expect(await host.call(Execute, {})).toMatchObject({ exitCode: -1, code: 9003 });
    expect(await host.refusal(host.send(Execute, {}))).toMatchObject({
      message: expect.stringContaining('the plugin x failed: no luck'),
    });
  });

  it('at once where nothing on its way has to wait', async () => {
    bench.write('x', execute('return { stdout: "hi" };'));
    await bench.serve();
    const host = bench.connect();
    await host.call(Execute, {});
    const payload = new Uint8Array();
    bench.dispatcher.dispatch({ id: 'at-once', method: Execute, payload }, host.session);
    expect(bench.dispatcher.inFlight).toBe(0);
    expect(bench.settled.at(-1)).toBe('at-once ok');
    expect(await host.answer(Execute, 'at-once')).toMatchObject({ stdout: 'hi' });
  });

  it('when many come in one chunk', async () => {
    bench.write('x', execute('return { stdout: request.command };'));
    await bench.serve();
    const host = bench.connect();
    const ids = Array.from({ length: 70 }, (_, i) => `n-${i}`);
    host.stream.write(Buffer.concat(ids.map((id) => requestFrame(id, Execute, { command: id }))));
    const answers = await Promise.all(ids.map((id) => host.answer(Execute, id)));
    expect(answers.map(({ stdout }) => stdout)).toEqual(ids);
  });
});

describe('the memory of a request', () => {
  const upload = {
    manifest: { handles: ['file_write'] },
    code: `return { handlers: [on('file_write', async ({ data }, call) => {
      call.releaseRequest();
      call.releaseRequest();
      return { bytesWritten: data.length };
    })] };`,
  };

  it('is given back when its handler says so', async () => {
    bench.write('x', upload);
    await bench.serve();
    const answer = await bench.connect().call(FileWrite, { data: new Uint8Array(9000) });
    expect(answer).toMatchObject({ success: true, bytesWritten: 0 });
  });

  it('stays where another request lies in it', async () => {
    bench.write('x', upload);
    await bench.serve();
    const host = bench.connect();
    const frames = ['a', 'b'].map((id) => requestFrame(id, FileWrite, { data: Buffer.alloc(900) }));
    host.stream.write(Buffer.concat(frames));
    for (const id of ['a', 'b']) {
      expect(await host.answer(FileWrite, id)).toMatchObject({ bytesWritten: 900 });
    }
  });
});
