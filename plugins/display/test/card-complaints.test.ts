import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CardComplaints } from '../src/linux/card-complaints.ts';

// As QEMU's virtio-vga has the kernel log it.
const error = (command: string) =>
  `3,1234,97756842,-;[drm:virtio_gpu_dequeue_ctrl_func [virtio_gpu]] *ERROR* response 0x1203 (command ${command})\n`;

function kernelLog(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kernel-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'kmsg');
  writeFileSync(path, error('0x103').repeat(1000));
  return path;
}

test('what the card refused before is no complaint, what it refuses now is', async () => {
  const path = kernelLog();
  using complaints = await CardComplaints.fromNow(path);
  expect(await complaints.read()).toBeUndefined();
  appendFileSync(path, '6,1235,97756843,-;usb 1-1: new device\n');
  expect(await complaints.read()).toBeUndefined();
  appendFileSync(path, error('0x101') + error('0x103'));
  expect(await complaints.read()).toMatch(/^virtio_gpu.*response 0x1203 \(command 0x101\)$/);
  expect(await complaints.read()).toBeUndefined();
});

test('that a picture is gone which was refused earlier is no complaint either', async () => {
  const path = kernelLog();
  using complaints = await CardComplaints.fromNow(path);
  appendFileSync(path, error('0x102'));
  expect(await complaints.read()).toBeUndefined();
});

test("the kernel's own log is read to its end, and one that is not there has nothing", async () => {
  using own = await CardComplaints.fromNow('/dev/kmsg');
  using none = await CardComplaints.fromNow('/nonexistent/kmsg');
  expect(await own.read()).toBeUndefined();
  expect(await none.read()).toBeUndefined();
});
