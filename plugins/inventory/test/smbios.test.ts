import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryModules } from '../src/linux/hardware/memory-modules.ts';
import { smbiosStructures } from '../src/linux/hardware/smbios.ts';
import { scratch } from './machine.ts';
import { memoryDevice, structure, tables } from './smbios-tables.ts';

const DDR4 = 0x1a;
const DDR5 = 0x22;

const server = tables(
  structure(0, Buffer.alloc(0x14), 'Acme', '1.0', '01/02/2024'),
  memoryDevice({ size: 0x4000, type: DDR4, speed: 3200, configured: 2933 }),
  memoryDevice({ size: 0 }),
  memoryDevice({ size: 0x7fff, extendedSize: 65_536, type: DDR4, speed: 3200, configured: 2933 }),
);

test('counts the sockets that hold a module, and says what they are', () => {
  expect(memoryModules(server)).toEqual({ count: 2, type: 'DDR4', speed: 2933 });
});

test('a speed that does not fit into a word stands at the end', () => {
  const device = { size: 0x4000, type: DDR5, speed: 0xffff, configured: 0xffff, length: 0x64 };
  const table = tables(memoryDevice({ ...device, extendedConfigured: 70_000 }));
  expect(memoryModules(table).speed).toBe(70_000);
});

test('without a configured speed it is what the module could do', () => {
  const table = tables(memoryDevice({ size: 0x4000, type: DDR4, speed: 2400 }));
  expect(memoryModules(table).speed).toBe(2400);
});

test('all run at the pace of the slowest', () => {
  const fast = memoryDevice({ size: 0x4000, type: DDR5, configured: 5600 });
  const slow = memoryDevice({ size: 0x4000, type: DDR5, configured: 4800 });
  expect(memoryModules(tables(fast, slow)).speed).toBe(4800);
});

test('a structure of an old firmware has no speed', () => {
  const table = tables(memoryDevice({ size: 512, type: 0x12, speed: 333, length: 0x15 }));
  expect(memoryModules(table)).toEqual({ count: 1, type: 'DDR', speed: 0 });
});

test('types that are other, unknown or not in the standard are empty', () => {
  for (const type of [0, 1, 2, 0x17, 0xff]) {
    expect(memoryModules(tables(memoryDevice({ size: 1, type }))).type).toBe('');
  }
});

test('no tables, no modules', () => {
  expect(memoryModules(Buffer.alloc(0))).toEqual({ count: 0, type: '', speed: 0 });
});

test('what was read before the tables stop making sense holds', () => {
  const cut = server.subarray(0, server.length - memoryDevice({ size: 0 }).length);
  expect(memoryModules(cut).count).toBe(1);
});

test('nothing behind the end of the tables counts', () => {
  const behind = Buffer.concat([server, memoryDevice({ size: 0x4000 })]);
  expect(memoryModules(behind).count).toBe(2);
});

const dmidecode = ['/usr/sbin/dmidecode', '/sbin/dmidecode'].find((path) => existsSync(path));

test.skipIf(!dmidecode)('dmidecode reads the same from the same bytes (needs dmidecode)', () => {
  const devices = [
    { size: 0x4000, type: DDR4, speed: 3200, configured: 2933 },
    { size: 0 },
    { size: 0x7fff, extendedSize: 32_768, type: DDR4, speed: 0xffff, configured: 3200 },
    { size: 0xffff, type: 0x03 },
  ];
  const table = tables(...devices.map(memoryDevice));
  const dump = join(scratch(), 'dump');
  writeFileSync(dump, Buffer.concat([entryPoint(table.length), table]));
  const said = execFileSync(dmidecode ?? '', ['--from-dump', dump, '-t', '17'], {
    encoding: 'utf8',
  });
  const all = (name: string) =>
    [...said.matchAll(new RegExp(`^\\t${name}: (.*)$`, 'gm'))].map(([, value]) => value);
  const speeds = all('Configured Memory Speed').map((s) => Number.parseInt(`${s}`, 10) || 0);
  expect(memoryModules(table)).toEqual({
    count: all('Size').filter((size) => size !== 'No Module Installed').length,
    type: all('Type')[0],
    speed: Math.min(...speeds.filter((speed) => speed > 0)),
  });
});

/** SMBIOS 3.7's, as it stands before the tables in a dump. */
function entryPoint(length: number): Buffer {
  const entry = Buffer.alloc(32);
  entry.write('_SM3_', 'latin1');
  Buffer.from([0, 24, 3, 7, 0, 1]).copy(entry, 5);
  entry.writeUInt32LE(length, 12);
  entry.writeBigUInt64LE(32n, 16);
  entry[5] = -entry.subarray(0, 24).reduce((sum, byte) => sum + byte, 0) & 0xff;
  return entry;
}

test('any bytes are read to their end, without reading past it', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 512 }),
    // Likelier to look like structures.
    fc.array(fc.constantFrom(0, 1, 4, 17, 40, 127, 255), { maxLength: 512 }),
  );
  fc.assert(
    fc.property(bytes, (content) => {
      const table = Buffer.from(content);
      let total = 0;
      for (const { data } of smbiosStructures(table)) total += data.length;
      expect(total).toBeLessThanOrEqual(table.length);
      const { count, speed } = memoryModules(table);
      expect(count).toBeLessThanOrEqual(table.length / 6);
      expect(speed).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 2000 },
  );
});

test('any structures are found in the tables that were made of them', () => {
  const fields = fc.uint8Array({ maxLength: 251 });
  const text = fc.string({ minLength: 1, maxLength: 20 }).filter((t) => !t.includes('\0'));
  const one = fc.tuple(fc.integer({ min: 0, max: 126 }), fields, fc.array(text, { maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(one, { maxLength: 20 }), (made) => {
      const table = tables(
        ...made.map(([type, data, texts]) => structure(type, Buffer.from(data), ...texts)),
      );
      const found = [...smbiosStructures(table)].slice(0, -1);
      expect(found.map(({ type }) => type)).toEqual(made.map(([type]) => type));
      expect(found.map(({ data }) => data.length)).toEqual(made.map(([, data]) => data.length + 4));
    }),
  );
});

test('tables without end are cut', () => {
  const endless = Buffer.concat(Array(100_000).fill(structure(1, Buffer.alloc(0))));
  expect([...smbiosStructures(endless)].length).toBeLessThan(50_000);
});
