import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openVirtioSerial } from '../../src/channel/virtio-serial.ts';
import { temporaryFolder } from '../temporary.ts';

const events = { onPeer: () => {}, onLost: () => {} };

it('a file is not taken for a port, and stays as it is', async () => {
  const file = join(temporaryFolder(), 'passwd');
  writeFileSync(file, 'root:x:0:0');
  await expect(openVirtioSerial(file, events)).rejects.toMatchObject({
    name: 'DEVICE_OPEN_FAILED',
    message: expect.stringContaining('is no character device'),
    resolution: expect.stringContaining('unix:/path'),
  });
  expect(readFileSync(file, 'utf8')).toBe('root:x:0:0');
});

it.each([
  ['that is not there', '/dev/virtio-ports/none', 'DEVICE_NOT_FOUND'],
  ['that is a directory', '/dev', 'DEVICE_OPEN_FAILED'],
])('a port %s is an error', async (_, path, name) => {
  await expect(openVirtioSerial(path, events)).rejects.toMatchObject({ name });
});
