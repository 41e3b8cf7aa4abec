import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProcFile } from '../src/linux/proc-file.ts';

const descriptors = () => readdirSync('/proc/self/fd').length;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'proc-file-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('reads what the kernel says now, not what it said when it was opened', () => {
  const comm = '/proc/self/comm';
  const before = readFileSync(comm, 'utf8');
  const file = new ProcFile(comm);
  expect(file.read().toString()).toBe(before);
  writeFileSync(comm, 'renamed');
  expect(file.read().toString()).toBe('renamed\n');
  writeFileSync(comm, before.trim());
  file.close();
});

test('reads files of many pages to their end', () => {
  const file = new ProcFile('/proc/self/smaps', { recordBytes: Infinity });
  const text = file.read().toString();
  expect(text.length).toBeGreaterThan(16_384);
  expect(text).toMatch(/VmFlags:.*\n$/);
  file.close();
});

test('refuses a file without an end in sight', () => {
  const path = join(dir, 'endless');
  writeFileSync(path, Buffer.alloc(5 * 1024 * 1024));
  const file = new ProcFile(path);
  expect(() => file.read()).toThrow(RangeError);
  file.close();
});

test('grows for a long file, and shortens again', () => {
  const path = join(dir, 'table');
  const file = new ProcFile(path);
  for (const length of [10, 200_000, 16_384, 0, 3]) {
    writeFileSync(path, 'é'.repeat(length));
    expect(file.read().toString()).toBe('é'.repeat(length));
  }
  file.close();
});

test('says that a file is not there, and reads it once it is', () => {
  const path = join(dir, 'late');
  const file = new ProcFile(path);
  expect(() => file.read()).toThrow('ENOENT');
  writeFileSync(path, 'here');
  expect(file.read().toString()).toBe('here');
  file.close();
});

test('holds one descriptor while it is open and none after', () => {
  const before = descriptors();
  const file = new ProcFile('/proc/uptime');
  for (let n = 0; n < 10; n++) file.read();
  expect(descriptors()).toBe(before + 1);
  file.close();
  file.close();
  expect(descriptors()).toBe(before);
});

test('gives the descriptor back where what it describes is gone', async () => {
  const before = descriptors();
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const file = new ProcFile(`/proc/${child.pid}/comm`);
  expect(file.read().toString()).toMatch(/\n$/);
  child.kill();
  await once(child, 'exit');
  expect(() => file.read()).toThrow('ENOENT');
  expect(descriptors()).toBe(before);
});

test('knows that a page with room for one more record was the last', async () => {
  const reads = (path: string, recordBytes: number) => {
    const file = new ProcFile(path, { recordBytes });
    try {
      return file.read().toString();
    } finally {
      file.close();
    }
  };
  // Longer than a page, in records that are shorter than 200 bytes.
  expect(reads('/proc/self/smaps', 200)).toMatch(/VmFlags:.*\n$/);
  const counters = '/proc/self/net/dev';
  // What is sent between the two looks is counted.
  await expect
    .poll(() => reads(counters, 512) === readFileSync(counters, 'utf8'), { interval: 5 })
    .toBe(true);
});
