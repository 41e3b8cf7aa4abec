import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Scripts } from '../src/scripts.ts';

let dir: string;
let log: ReturnType<typeof memoryLogger>;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'qxga-scripts-'));
  mkdirSync(join(dir, 'pre'), { mode: 0o755 });
  mkdirSync(join(dir, 'post'), { mode: 0o755 });
  log = memoryLogger();
});
afterEach(() => rmSync(dir, { recursive: true }));

function script(name: string, body: string, mode = 0o755): string {
  const path = join(dir, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, mode);
  return path;
}

/** Says that it ran, with its name and argument. */
const note = () => `echo "\${0##*/} $1" >>${dir}/ran`;
const ran = () =>
  existsSync(join(dir, 'ran')) ? readFileSync(join(dir, 'ran'), 'utf8').trim().split('\n') : [];

function scripts(timeoutMs = 5000): Scripts {
  return new Scripts({
    preFreezeDir: join(dir, 'pre'),
    postThawDir: join(dir, 'post'),
    timeoutMs,
    log,
  });
}

const never = new AbortController().signal;
const preFreeze = (timeoutMs?: number) => scripts(timeoutMs).preFreeze(never);
const postThaw = (done: readonly string[] = [], onStart = (_: readonly string[]) => {}) =>
  scripts().postThaw({ done, onStart, signal: never });

const asRoot = process.getuid?.() === 0;
describe.skipIf(!asRoot)('scripts (as root)', () => {
  it('run in the order of their names before, in reverse after', async () => {
    for (const name of ['20-b', '10-a', '100-c']) {
      script(`pre/${name}`, note());
      script(`post/${name}`, note());
    }
    await preFreeze();
    await postThaw();
    expect(ran()).toEqual([
      '10-a freeze',
      '100-c freeze',
      '20-b freeze',
      '20-b thaw',
      '100-c thaw',
      '10-a thaw',
    ]);
  });

  it('need no directory, and none configured', async () => {
    rmSync(join(dir, 'pre'), { recursive: true });
    await preFreeze();
    const none = new Scripts({ preFreezeDir: '', postThawDir: '', timeoutMs: 1, log });
    await none.preFreeze(never);
    expect(log.entries).toEqual([]);
  });

  it.each<[string, string, () => void]>([
    [
      'belongs to somebody else',
      'does not belong to root',
      () => chownSync(join(dir, 'pre/b'), 1000, 0),
    ],
    [
      'is writable by its group',
      'is writable by others',
      () => chmodSync(join(dir, 'pre/b'), 0o775),
    ],
    [
      'is writable by everybody',
      'is writable by others',
      () => chmodSync(join(dir, 'pre/b'), 0o757),
    ],
    ['is not executable', 'is not executable', () => chmodSync(join(dir, 'pre/b'), 0o644)],
    [
      'is a link',
      'is not a regular file',
      () => {
        rmSync(join(dir, 'pre/b'));
        symlinkSync(script('elsewhere', note()), join(dir, 'pre/b'));
      },
    ],
    [
      'is a directory',
      'is not a regular file',
      () => {
        rmSync(join(dir, 'pre/b'));
        mkdirSync(join(dir, 'pre/b'));
      },
    ],
  ])('one that %s is left out, with a warning', async (_, problem, spoil) => {
    for (const name of ['a', 'b', 'c']) script(`pre/${name}`, note());
    spoil();
    await preFreeze();
    expect(ran()).toEqual(['a freeze', 'c freeze']);
    expect(log.entries.filter(({ level }) => level === 'warn')).toEqual([
      expect.objectContaining({
        message: expect.stringContaining(problem),
        fields: { path: join(dir, 'pre/b') },
      }),
    ]);
  });

  it.each<[string, () => void]>([
    ['belongs to somebody else', () => chownSync(join(dir, 'pre'), 1000, 0)],
    ['is writable by others', () => chmodSync(join(dir, 'pre'), 0o777)],
    ['lies in one that others can put another into', () => chmodSync(dir, 0o777)],
    [
      'is a link',
      () => {
        rmSync(join(dir, 'pre'), { recursive: true });
        mkdirSync(join(dir, 'real'));
        script('real/a', note());
        symlinkSync(join(dir, 'real'), join(dir, 'pre'));
      },
    ],
  ])('a directory that %s is left out, with a warning', async (_, spoil) => {
    script('pre/a', note());
    spoil();
    await preFreeze();
    expect(ran()).toEqual([]);
    expect(log.entries).toEqual([expect.objectContaining({ level: 'warn' })]);
  });

  it('run from a directory that lies in one such as /tmp, of which nobody can take it away', async () => {
    script('pre/a', note());
    chmodSync(dir, 0o1777);
    await preFreeze();
    expect(ran()).toEqual(['a freeze']);
  });

  it('stop the freeze at the first that fails, with what it said', async () => {
    script('pre/a', note());
    script('pre/b', `${note()}; echo flushing; echo the database is in recovery >&2; exit 3`);
    script('pre/c', note());
    await expect(preFreeze()).rejects.toMatchObject({
      code: 5005,
      message: expect.stringContaining('"b" ended with exit code 3'),
      context: expect.stringMatching(/flushing\nthe database is in recovery/),
    });
    expect(ran()).toEqual(['a freeze', 'b freeze']);
  });

  it('cannot run: no interpreter, killed', async () => {
    script('pre/a', 'kill -9 $$');
    await expect(preFreeze()).rejects.toThrow('"a" was killed by SIGKILL');
    writeFileSync(join(dir, 'pre/a'), '#!/no/such/interpreter\n');
    await expect(preFreeze()).rejects.toThrow('"a" could not be run');
  });

  it('are killed at their limit with all that they started', async () => {
    script('pre/a', `sleep 1000 & echo $! >${dir}/child; sleep 1000`);
    const begin = performance.now();
    await expect(preFreeze(1500)).rejects.toThrow('"a" did not end within 1.5 s');
    expect(performance.now() - begin).toBeLessThan(10_000);
    const child = readFileSync(join(dir, 'child'), 'utf8').trim();
    await expect.poll(() => isRunning(child)).toBe(false);
  });

  it('are killed when the quiesce is cancelled', async () => {
    script('pre/a', `${note()}; sleep 1000`);
    const abort = new AbortController();
    const running = scripts(60_000).preFreeze(abort.signal);
    const rejected = expect(running).rejects.toThrow('cancelled');
    await expect.poll(ran).toEqual(['a freeze']);
    abort.abort();
    await rejected;
  });

  it('may print without end', async () => {
    script('pre/a', 'head -c 10000000 /dev/zero | tr "\\0" x');
    await preFreeze();
    expect(JSON.stringify(log.entries).length).toBeLessThan(10_000);
  });

  it('run after the thaw whatever becomes of one of them', async () => {
    script('post/a', note());
    script('post/b', `${note()}; exit 1`);
    script('post/c', note());
    expect(await postThaw()).toBe(true);
    expect(ran()).toEqual(['c thaw', 'b thaw', 'a thaw']);
    expect(log.entries).toContainEqual(
      expect.objectContaining({ level: 'error', message: expect.stringContaining('exit code 1') }),
    );
  });

  it('that were begun by an earlier agent are not run again', async () => {
    for (const name of ['a', 'b', 'c']) script(`post/${name}`, note());
    const begun: (readonly string[])[] = [];
    await postThaw(['c'], (done) => begun.push(done));
    expect(ran()).toEqual(['b thaw', 'a thaw']);
    expect(begun).toEqual([
      ['c', 'b'],
      ['c', 'b', 'a'],
    ]);
  });

  it('are left to the next agent once this one stops', async () => {
    for (const name of ['a', 'b']) script(`post/${name}`, note());
    const leave = new AbortController();
    const complete = await scripts().postThaw({
      done: [],
      onStart: () => leave.abort(),
      signal: leave.signal,
    });
    expect(complete).toBe(false);
    expect(ran()).toEqual(['b thaw']);
  });

  it('see nothing of the agent’s environment', async () => {
    script('pre/a', `env >${dir}/env`);
    process.env.QXGA_SECRET = 'x';
    await preFreeze();
    delete process.env.QXGA_SECRET;
    expect(readFileSync(join(dir, 'env'), 'utf8')).not.toContain('QXGA_SECRET');
  });
});

function isRunning(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
