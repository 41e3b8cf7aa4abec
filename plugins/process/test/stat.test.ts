import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStat, readStat } from '../src/linux/stat.ts';

const RECORDED =
  '1164 (postgres) S 1 1164 1164 0 -1 4194560 8519 90116 0 5 21 13 91 42 20 0 1 0 2473 221065216 7077 18446744073709551615 1 1 0 0 0 0 0 19935232 84487 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n';

describe('a line of stat', () => {
  it('is read as proc_pid_stat(5) says', () => {
    expect(parseStat(Buffer.from(RECORDED))).toEqual({
      pid: 1164,
      ppid: 1,
      name: 'postgres',
      state: 'sleeping',
      isKernelThread: false,
      cpuTicks: 34,
      threadCount: 1,
      startTicks: 2473,
      residentPages: 7077,
      at: expect.any(Number),
    });
  });

  it('tells a thread of the kernel by its flags', () => {
    const line =
      '2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 4 0 0 18446744073709551615 0 0 0 0 0 0 0 2147483647 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n';
    expect(parseStat(Buffer.from(line))).toMatchObject({ isKernelThread: true, ppid: 0 });
  });

  it('gives the name back, whatever bytes it is of', () => {
    const name = fc.uint8Array({ minLength: 0, maxLength: 64 });
    const tail = RECORDED.slice(RECORDED.indexOf(') ') + 2);
    fc.assert(
      fc.property(name, (bytes) => {
        const line = Buffer.concat([Buffer.from('7 ('), bytes, Buffer.from(`) ${tail}`)]);
        expect(parseStat(line)).toMatchObject({
          pid: 7,
          name: Buffer.from(bytes).toString(),
          ppid: 1,
          startTicks: 2473,
        });
      }),
    );
  });

  it('is not made up from other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const stat = parseStat(Buffer.from(bytes));
        if (stat)
          expect(Number.isInteger(stat.pid) && Number.isInteger(stat.startTicks)).toBe(true);
      }),
    );
    for (let cut = 0; cut <= RECORDED.indexOf('7077'); cut++) {
      expect(parseStat(Buffer.from(RECORDED.slice(0, cut)))).toBeUndefined();
    }
  });

  it('may hold negative numbers before those that are wanted', () => {
    const line = RECORDED.replace('42 20 0 1 0 2473', '42 -2 -19 1 0 2473');
    expect(parseStat(Buffer.from(line))).toMatchObject({ cpuTicks: 34, threadCount: 1 });
    expect(parseStat(Buffer.from(RECORDED.replace(' 2473 ', ' 2x73 ')))).toBeUndefined();
  });

  it('of a letter that is not documented has no state', () => {
    expect(parseStat(Buffer.from(RECORDED.replace(') S', ') Q')))?.state).toBe('');
  });
});

describe('reading', () => {
  it('agrees with the status file of the same process', () => {
    const stat = readStat('/proc/self/stat');
    const status = readFileSync('/proc/self/status', 'utf8');
    expect(status).toContain(`\nPid:\t${stat?.pid}\n`);
    expect(status).toContain(`\nPPid:\t${stat?.ppid}\n`);
    expect(status.startsWith(`Name:\t${stat?.name}\n`)).toBe(true);
  });

  it('of a process that is not there gives nothing', () => {
    expect(readStat('/proc/4194304/stat')).toBeUndefined();
  });

  it('fails where the agent itself is the reason', () => {
    expect(() => readStat('/proc/self/task')).toThrow('EISDIR');
  });
});
