import { encode, responseCodec } from '@limiquantix/agent-proto/codec';
import { Execute } from '@limiquantix/plugin-sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Deadline } from '../src/deadline.ts';
import { runToEnd } from '../src/linux/run.ts';
import { spawnByNode } from '../src/linux/spawn-by-node.ts';
import { execute } from './running.ts';

describe('output', () => {
  test('of both streams is read at the same time', async () => {
    const command = 'yes e | head -c 900000 >&2; yes o | head -c 900000';
    const { stdout, stderr } = await execute({ command });
    expect([stdout.length, stderr.length]).toEqual([900_000, 900_000]);
  });

  test('written last is not lost', async () => {
    const command = 'head -c 1000000 /dev/zero | tr "\\0" x; printf end';
    expect((await execute({ command })).stdout.slice(-4)).toBe('xend');
  });

  test('is cut at what the host asks for', async () => {
    const command = 'printf äöü; printf 12 >&2';
    expect(await execute({ command, maxOutputBytes: 5 })).toMatchObject({
      stdout: 'äö',
      stdoutTruncated: true,
      stderr: '12',
      stderrTruncated: false,
    });
  });

  test('is at most 1 MiB where the host does not ask', async () => {
    const { exitCode, stdout, stdoutTruncated } = await execute({ command: 'yes | head -c 3M' });
    expect([exitCode, stdout.length, stdoutTruncated]).toEqual([0, 1024 * 1024, true]);
  });

  test('that is not UTF-8 is replaced', async () => {
    expect((await execute({ command: "printf 'a\\377\\303b'" })).stdout).toBe('a\ufffd\ufffdb');
  });

  test('fits into a message, also where replacing makes it longer', async () => {
    const command = 'head -c 1M /dev/urandom; head -c 1M /dev/urandom >&2';
    const request = { command, maxOutputBytes: 2 ** 31 };
    const answer = await execute(request, { maxMessageBytes: 65_536 });
    expect(answer).toMatchObject({ exitCode: 0, stdoutTruncated: true, stderrTruncated: true });
    const size = encode(responseCodec(Execute), answer).length;
    expect(size).toBeGreaterThan(40_000);
    expect(size).toBeLessThan(65_536 - 1024);
  });

  test('of 200 MB costs no memory', async () => {
    await execute({ command: 'yes | head -c 5M' });
    const before = process.memoryUsage.rss();
    let peak = before;
    const sampling = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 5);
    const answer = await execute({ command: 'head -c 200M /dev/zero; echo done >&2' });
    clearInterval(sampling);
    expect(answer).toMatchObject({ exitCode: 0, stderr: 'done\n', stdoutTruncated: true });
    expect(peak - before).toBeLessThan(16_000_000);
  });

  test('also comes where the guest makes no pipes', async () => {
    const deadline = new Deadline(10_000, []);
    onTestFinished(() => deadline.clear());
    const launch = { file: '/bin/sh', args: ['-c', 'cat; echo err >&2'], cwd: '/', env: {} };
    const ending = await runToEnd(launch, {
      stdin: Buffer.from('in'),
      maxOutputBytes: 100,
      spawner: { openPipe: undefined, spawn: spawnByNode },
      deadline,
    });
    expect(ending).toMatchObject({
      exitCode: 0,
      stdout: { text: 'in' },
      stderr: { text: 'err\n' },
    });
  });
});

describe('a command that leaves something in the background', () => {
  test('is answered without waiting for it, and leaves it running', async () => {
    const { stdout, durationMs } = await execute({ command: 'echo a; sleep 30 & echo $!' });
    const [first, pid] = stdout.split('\n');
    onTestFinished(() => void process.kill(Number(pid)));
    expect(first).toBe('a');
    expect(Number(durationMs)).toBeLessThan(5000);
    expect(() => process.kill(Number(pid), 0)).not.toThrow();
  });

  test('is answered although that writes for ever', async () => {
    const { stdout, durationMs } = await execute({
      command: 'echo first; yes & sleep 0.1; exit 4',
    });
    expect(stdout).toContain('first\n');
    expect(Number(durationMs)).toBeLessThan(5000);
  });

  test('still gets what that writes right after', async () => {
    // The shell is waited for by then. A machine may not get round to the rest for a while.
    const command = '(while kill -0 $$ 2>&-; do sleep 0.01; done; echo late) & echo a';
    const written = async () => (await execute({ command })).stdout;
    await expect.poll(written).toBe('a\nlate\n');
  });
});
