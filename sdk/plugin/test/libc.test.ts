import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { libc } from '../src/guest/libc.ts';

describe.skipIf(process.platform !== 'linux')('the C library', () => {
  it('is loaded once', () => {
    expect(libc()).toBe(libc());
  });

  it('has functions, declared by their prototypes', () => {
    const getpid = libc().func<() => number>('int getpid()');
    expect(getpid()).toBe(process.pid);
  });

  it('fills structs and buffers', () => {
    const { koffi, func } = libc();
    const timespec = koffi.struct({ seconds: 'int64', nanoseconds: 'int64' });
    type Gettime = (clock: number, time: { seconds?: number }) => number;
    const into = koffi.out(koffi.pointer(timespec));
    const clockGettime = func<Gettime>('clock_gettime', 'int', ['int', into]);
    const time: { seconds?: number } = {};
    expect(clockGettime(0, time)).toBe(0);
    expect(Math.abs((time.seconds ?? 0) - Date.now() / 1000)).toBeLessThan(5);

    const gethostname = func<(name: Buffer, size: number) => number>(
      'int gethostname(void *name, size_t size)',
    );
    const name = Buffer.alloc(256);
    expect(gethostname(name, name.length)).toBe(0);
    const kernels = readFileSync('/proc/sys/kernel/hostname', 'latin1').trim();
    expect(name.toString('latin1', 0, name.indexOf(0))).toBe(kernels);
  });

  it('declares the same struct again, as a plugin does that is loaded again', () => {
    const { koffi } = libc();
    const declare = () => koffi.struct({ a: 'uint16', b: koffi.array('uint8', 3) });
    expect([declare(), declare()].map((type) => koffi.sizeof(type))).toEqual([6, 6]);
  });

  it('says why a function failed, as Node.js does', () => {
    const { func, lastError } = libc();
    const close = func<(fd: number) => number>('int close(int fd)');
    expect(close(-1)).toBe(-1);
    expect(lastError('close')).toMatchObject({
      message: 'close EBADF: bad file descriptor',
      code: 'EBADF',
      syscall: 'close',
    });
  });

  it('calls what blocks on another thread', async () => {
    const usleep = libc().func<(us: number) => number>('int usleep(unsigned int us)');
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 5);
    await new Promise((resolve) => usleep.async(1_000_000, resolve));
    clearInterval(ticking);
    expect(ticks).toBeGreaterThan(2);
  });

  it('has no function that there is not', () => {
    expect(() => libc().func('int no_such_function()')).toThrow('no_such_function');
  });

  it('is missed with an error that says what to do, each time', () => {
    // Another place of the agent's is a process of its own.
    const script = `
      process.argv[1] = '/nowhere/agent.cjs';
      const { libc } = await import(${JSON.stringify(import.meta.resolve('../dist/guest/libc.js'))});
      for (let i = 0; i < 2; i++) {
        try { libc(); } catch (error) { console.log(String(error), error.resolution); }
      }`;
    const args = ['--input-type=module', '-e', script];
    const lines = execFileSync(process.execPath, args, { encoding: 'utf8' }).trim().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatch(
        /^QXGA-9003: .*C functions cannot be called: .*koffi.*Install the agent/,
      );
    }
  });
});
