import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KernelStat, parseKernelStat } from '../src/linux/kernel-stat.ts';
import { STAT_2_6_32, STAT_6_1 } from './recorded.ts';

const parse = (text: string): KernelStat => parseKernelStat(Buffer.from(text));

test('reads the CPUs and the boot time of an old kernel', () => {
  const stat = parse(STAT_2_6_32);
  expect(stat.all).toEqual({
    busy: 84282747 + 70821 + 31016230 + 112345 + 2318110 + 4501,
    idle: 20274091478 + 8218153,
  });
  expect([...stat.cores.keys()]).toEqual([0, 1]);
  expect(stat.bootedAt).toBe(1386346124);
});

test('does not count the time of nested guests twice', () => {
  const { all } = parse(STAT_6_1);
  expect(all.busy).toBe(10132153 + 290696 + 3084719 + 25195 + 1200);
});

test('keeps the numbers of CPUs where others are offline', () => {
  expect([...parse(STAT_6_1).cores.keys()]).toEqual([0, 3]);
});

test('reads a kernel that knows only four states', () => {
  expect(parse('cpu  1 2 3 4\n')).toEqual({
    all: { busy: 6, idle: 4 },
    cores: new Map(),
    bootedAt: undefined,
  });
});

test('says that a file without CPUs cannot be read', () => {
  expect(() => parse('')).toThrow('/proc/stat');
  expect(() => parse('intr 1 2 3\n')).toThrow('/proc/stat');
});

test('gives numbers whatever follows the name of a CPU', () => {
  const field = fc.oneof(fc.nat().map(String), fc.string(), fc.constant('9'.repeat(400)));
  const line = fc.tuple(
    fc.constantFrom('cpu ', 'cpu0', 'cpu7'),
    fc.array(field, { maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.map(([name, fields]) => `${name} ${fields.join(' ')}\n`).join('');
      const { all, cores } = parse(`cpu  1 2 3 4\n${text}`);
      for (const ticks of [all, ...cores.values()]) {
        expect(Number.isFinite(ticks.busy) && Number.isFinite(ticks.idle)).toBe(true);
      }
    }),
  );
});
