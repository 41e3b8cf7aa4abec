import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCpuInfo } from '../src/linux/hardware/cpu-info.ts';
import { parseCpuList } from '../src/linux/hardware/cpu-list.ts';

test('the first CPU stands for all', () => {
  const cpu = (mhz: string) => `processor\t: 0
vendor_id\t: AuthenticAMD
model name\t: AMD EPYC 7763 64-Core Processor
cpu MHz\t\t: ${mhz}
flags\t\t: fpu vme  de
power management:
`;
  expect(parseCpuInfo(`${cpu('2445.432')}\n${cpu('1500.000')}`)).toEqual({
    model: 'AMD EPYC 7763 64-Core Processor',
    vendor: 'AuthenticAMD',
    mhz: 2445.432,
    flags: ['fpu', 'vme', 'de'],
  });
});

test('an Arm core is named by its implementer and part, one that is unknown is not', () => {
  const cpu = (implementer: string, part: string) =>
    parseCpuInfo(`processor\t: 0
BogoMIPS\t: 243.75
Features\t: fp asimd
CPU implementer\t: ${implementer}
CPU architecture: 8
CPU part\t: ${part}
`);
  expect(cpu('0x41', '0xd4f')).toEqual({
    model: 'Neoverse-V2',
    vendor: 'ARM',
    mhz: 0,
    flags: ['fp', 'asimd'],
  });
  expect(cpu('0xc0', '0xac3').model).toBe('Ampere-1');
  expect(cpu('0x41', '0xfff')).toMatchObject({ model: '', vendor: 'ARM' });
  expect(cpu('0xee', '0xd4f')).toMatchObject({ model: '', vendor: '' });
});

test('a POWER core has its name and frequency elsewhere', () => {
  const text = 'processor\t: 0\ncpu\t\t: POWER9, altivec supported\nclock\t\t: 2900.000000MHz\n';
  expect(parseCpuInfo(text)).toMatchObject({ model: 'POWER9, altivec supported', mhz: 2900 });
});

test('any text is read without failing', () => {
  const line = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.constantFrom('model name', 'cpu MHz', 'flags', 'CPU part', 'x'), fc.string())
      .map(([name, value]) => `${name}\t: ${value}`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
      const { model, vendor, mhz, flags } = parseCpuInfo(lines.join('\n'));
      expect(Number.isFinite(mhz)).toBe(true);
      expect(flags.join(' ').length + model.length + vendor.length).toBeLessThan(64 * 1024);
    }),
  );
});

test('a list of CPUs has single ones and ranges', () => {
  expect(parseCpuList('0-3,8,10-11')).toEqual([0, 1, 2, 3, 8, 10, 11]);
  expect(parseCpuList('0')).toEqual([0]);
  expect(parseCpuList('')).toEqual([]);
});

test('any list of CPUs stays within what the kernel supports', () => {
  expect(parseCpuList('0-99999')).toHaveLength(8192);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9,-]{0,40}$/)), (text) => {
      const cpus = parseCpuList(text);
      expect(cpus.length).toBeLessThanOrEqual(8192);
      expect(cpus.every((cpu) => Number.isInteger(cpu) && cpu >= 0 && cpu < 8192)).toBe(true);
    }),
  );
});
