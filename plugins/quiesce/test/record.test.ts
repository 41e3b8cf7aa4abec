import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bootId, type FreezeRecord, RecordFile } from '../src/linux/record.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'qxga-record-'));
  path = join(dir, 'run/quiesce.json');
});
afterEach(() => rmSync(dir, { recursive: true }));

const file = () => new RecordFile(path, memoryLogger());
const record = (): FreezeRecord => ({
  boot_id: bootId(),
  freeze_id: 'f',
  filesystems: [{ mount_point: '/a b\n', device_number: '8:1' }],
  skip_scripts: false,
  post_thaw_done: ['10-a'],
});

it('gives what was written, to the agent after this one', () => {
  file().write(record());
  expect(file().read()).toEqual(record());
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('is gone when removed, and may be removed twice', () => {
  file().write(record());
  file().remove();
  file().remove();
  expect(file().read()).toBeUndefined();
});

it('is of no use after a boot', () => {
  file().write({ ...record(), boot_id: '00000000-0000-0000-0000-000000000000' });
  expect(file().read()).toBeUndefined();
  expect(existsSync(path)).toBe(false);
});

it.each(['', '{', 'null', '[]', '"x"', '{"boot_id":1}', '\0'])('%j is no record', (text) => {
  file().write(record());
  writeFileSync(path, text);
  expect(file().read()).toBeUndefined();
});

it('of this boot that lacks its parts is no record', () => {
  file().write({ boot_id: bootId() } as FreezeRecord);
  expect(file().read()).toBeUndefined();
});

it('is replaced as a whole', () => {
  file().write(record());
  file().write({ ...record(), post_thaw_done: [] });
  expect(JSON.parse(readFileSync(path, 'utf8')).post_thaw_done).toEqual([]);
});

it('that cannot be written says so, and only when it has to be', () => {
  const log = memoryLogger();
  const nowhere = new RecordFile('/proc/no/such/file.json', log);
  expect(() => nowhere.write(record())).toThrow(
    expect.objectContaining({
      code: 5005,
      message: expect.stringContaining('/proc/no/such/file.json cannot be written'),
    }),
  );
  nowhere.update(record());
  expect(log.entries).toHaveLength(1);
});
