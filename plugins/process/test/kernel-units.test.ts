import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { readBootTime } from '../src/linux/boot-time.ts';
import { readKernelUnits } from '../src/linux/kernel-units.ts';

const getconf = (name: string) => Number(execFileSync('getconf', [name], { encoding: 'utf8' }));

it('are those that the C library has', () => {
  expect(readKernelUnits()).toEqual({
    pageBytes: getconf('PAGESIZE'),
    ticksPerSecond: getconf('CLK_TCK'),
  });
});

it('boot time agrees with the uptime', () => {
  const uptime = Number(execFileSync('cat', ['/proc/uptime'], { encoding: 'utf8' }).split(' ')[0]);
  expect(Math.abs(readBootTime() - (Date.now() - 1000 * uptime))).toBeLessThan(3000);
});
