import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Log, type LogConfig, openLog } from '../../src/log/log.ts';
import { temporaryFolder } from '../temporary.ts';

const CONFIG: LogConfig = {
  log_level: 'info',
  log_format: 'json',
  log_file: '',
  log_max_size_bytes: 65_536,
  log_max_files: 3,
};

let output: PassThrough;
let text: string;

beforeEach(() => {
  text = '';
  output = new PassThrough();
  output.on('data', (chunk) => {
    text += chunk;
  });
});

const open = (config: Partial<LogConfig> = {}): Log => openLog({ ...CONFIG, ...config }, output);
const lines = () => text.split('\n').slice(0, -1);

describe('lines', () => {
  it('are JSON objects with a time', async () => {
    const log = open();
    log.info('served', { duration_ms: 3, path: 'a\nb' });
    await log.close();
    const line = JSON.parse(lines()[0] as string);
    expect(line).toMatchObject({ level: 'info', message: 'served', duration_ms: 3, path: 'a\nb' });
    expect(Math.abs(Date.parse(line.timestamp) - Date.now())).toBeLessThan(5000);
    expect(lines()).toHaveLength(1);
  });

  it('are for people where the configuration says so, and nobody can forge one', async () => {
    const log = open({ log_format: 'pretty' });
    log.warn('refused', { path: '/x\n2026 INFO forged', code: 4001 });
    await log.close();
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatch(
      /^\d{4}-.*Z WARN {2}refused path=\/x\\u000a2026 INFO forged code=4001$/,
    );
  });

  it('of less weight than the level are left out, also when it changes', async () => {
    const log = open({ log_level: 'warn' });
    const of = log.with({ plugin: 'file' });
    of.info('no');
    of.error('yes');
    log.setLevel('debug');
    of.debug('now');
    of.trace('no');
    await log.close();
    expect(lines().map((line) => JSON.parse(line).message)).toEqual(['yes', 'now']);
    expect(lines().every((line) => JSON.parse(line).plugin === 'file')).toBe(true);
  });

  it.each(['json', 'pretty'] as const)(
    'hold no control character and little of a long text, as %s',
    async (log_format) => {
      const log = open({ log_format });
      log.warn('a\u001bb\u007fc\u009bd\u2028e', { path: 'x'.repeat(1_000_000) });
      log.warn('y'.repeat(1_000_000), { nested: [{ path: 'z'.repeat(1_000_000) }] });
      await log.close();
      expect(lines()).toHaveLength(2);
      expect(lines()[0]).toContain('a\\u001bb\\u007fc\\u009bd\\u2028e');
      for (const line of lines()) expect(line.length).toBeLessThan(10_000);
    },
  );

  it('never fail what they tell about', async () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    for (const log_format of ['json', 'pretty'] as const) {
      const log = open({ log_format });
      log.info('odd', { big: 10n, loop, nothing: undefined, fn: () => 1 });
      await log.close();
    }
    expect(lines()).toHaveLength(2);
  });
});

describe('the first lines', () => {
  it('are written by themselves, in their order and with their own time', async () => {
    const log = open();
    const before = Date.now();
    log.info('one');
    const after = Date.now();
    log.info('two');
    expect(text).toBe('');
    await expect.poll(lines).toHaveLength(2);
    log.info('three');
    await log.close();
    const written = lines().map((line) => JSON.parse(line));
    expect(written.map(({ message }) => message)).toEqual(['one', 'two', 'three']);
    expect(Date.parse(written[0].timestamp)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(written[0].timestamp)).toBeLessThanOrEqual(after);
  });

  it('are written before filesystems are frozen', async () => {
    const log = open();
    log.info('before');
    await log.hold();
    expect(text).toContain('before');
    log.info('frozen');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(text).not.toContain('frozen');
    await log.close();
  });

  it('are left out where they have less weight than the level', async () => {
    const log = open({ log_level: 'warn' });
    log.info('no');
    log.warn('yes');
    await log.close();
    expect(lines().map((line) => JSON.parse(line).message)).toEqual(['yes']);
  });
});

describe('a held log', () => {
  it('writes nothing until it is released, then everything with its own time', async () => {
    const log = open();
    await log.hold();
    const before = Date.now();
    log.info('frozen');
    const after = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(text).toBe('');
    log.release();
    log.info('thawed');
    await log.close();
    const written = lines().map((line) => JSON.parse(line));
    expect(written.map(({ message }) => message)).toEqual(['frozen', 'thawed']);
    expect(Date.parse(written[0].timestamp)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(written[0].timestamp)).toBeLessThanOrEqual(after);
  });

  it('keeps only so many lines, and says how many it dropped', async () => {
    const log = open();
    await log.hold();
    for (let i = 0; i < 5000; i++) log.info(`line ${i}`);
    log.release();
    await log.close();
    const last = JSON.parse(lines().at(-1) as string);
    expect(last.message).toContain('dropped');
    expect(last.lines + lines().length - 1).toBe(5000);
  });

  it('is written when it is closed', async () => {
    const log = open();
    await log.hold();
    log.info('last words');
    await log.close();
    expect(text).toContain('last words');
  });
});

describe('a log file', () => {
  /** A disk that is busy for longer than the log waits for it gets the lines all the same. */
  const written = (file: string) => expect.poll(() => readFileSync(file, 'utf8').split('\n'));

  it('is made, readable by its group only, and has everything once it is closed', async () => {
    const file = join(temporaryFolder(), 'logs', 'agent.log');
    const log = open({ log_file: file });
    for (let i = 0; i < 100; i++) log.info(`line ${i}`);
    await log.close();
    await written(file).toHaveLength(101);
    expect(statSync(file).mode & 0o777 & ~0o640).toBe(0);
    expect(text).toBe('');
  });

  it('has everything from before the freeze', async () => {
    const file = join(temporaryFolder(), 'agent.log');
    const log = open({ log_file: file });
    for (let i = 0; i < 100; i++) log.info(`line ${i}`);
    await log.hold();
    log.info('frozen');
    await written(file).toHaveLength(101);
    await log.close();
    await written(file).toHaveLength(102);
  });

  it('that cannot be written is told on stderr, and the agent goes on', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const log = open({ log_file: join('/etc/passwd', 'agent.log') });
    log.info('lost');
    await log.close();
    const told = () => stderr.mock.calls.join('');
    await expect
      .poll(told)
      .toMatch(/^limiquantix-agent: the log cannot be written: .*\/etc\/passwd/);
    stderr.mockRestore();
  });

  it('that hangs fills no memory', async () => {
    const file = join(temporaryFolder(), 'fifo');
    execFileSync('mkfifo', [file]);
    const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const log = open({ log_file: file });
    const pad = 'x'.repeat(1000);
    for (let turn = 0; turn < 20; turn++) {
      for (let i = 0; i < 200; i++) log.info('much', { pad });
      await new Promise((resolve) => setImmediate(resolve));
    }
    const chunk = Buffer.alloc(1 << 20);
    let read = '';
    const drain = () => {
      try {
        read += chunk.toString('utf8', 0, readSync(reader, chunk));
      } catch {
        // Nothing there yet.
      }
    };
    const dropped = () => {
      drain();
      log.info('again');
      expect(droppedIn(read)).toBeGreaterThan(1000);
    };
    await vi.waitFor(dropped, { interval: 1, timeout: 20_000 });
    await Promise.all([log.close(), new Promise((resolve) => setTimeout(resolve, 20)).then(drain)]);
    closeSync(reader);
  });
});

function droppedIn(log: string): number {
  const counts = log.matchAll(/"message":"log lines were dropped[^}]*"lines":(\d+)/g);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}
