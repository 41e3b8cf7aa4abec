import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Channel } from '../../src/channel/channel.ts';
import { openVsock, refusalOf } from '../../src/channel/vsock.ts';

const events = {
  onPeer: () => undefined,
  onLost: () => undefined,
};

async function open(port: number, allowLocal = true): Promise<Channel> {
  const channel = await openVsock({ port, allowLocal }, events);
  onTestFinished(() => channel.close());
  return channel;
}

/** No other test that runs on this machine has it. */
const PORT = 1_000_000 + process.pid;

const descriptors = () => readdirSync('/proc/self/fd').length;

const noVsock = existsSync('/dev/vsock') ? '' : 'there is no /dev/vsock here';
const isRoot = process.getuid?.() === 0;

// Nobody can connect where there is no transport: test/vm does that, in a guest that has one.
describe.skipIf(noVsock)(`vsock ${noVsock}`, () => {
  it.skipIf(!isRoot)('listens, and gives the port back', async () => {
    const channel = await open(PORT);
    expect(channel.name).toBe(`vsock:${PORT}`);
    await channel.close();
    await (await open(PORT)).close();
  });

  it.skipIf(!isRoot)('says that another agent has the port, and keeps no descriptor', async () => {
    await open(PORT);
    const before = descriptors();
    await expect(open(PORT)).rejects.toMatchObject({
      code: 1006,
      message: expect.stringContaining(`vsock:${PORT}`),
      resolution: expect.stringContaining('device_path'),
    });
    expect(descriptors()).toBe(before);
  });
});

const hasDevice = existsSync('/sys/bus/virtio/drivers/vmw_vsock_virtio_transport/bind');
const why = hasDevice ? '(this machine has a vsock device)' : '';
it.skipIf(hasDevice)(`is not available where no host could ever connect ${why}`, async () => {
  await expect(open(999, false)).rejects.toMatchObject({
    code: 1007,
    message: expect.stringMatching(/^VSOCK not available: (this machine has no|ENOENT)/),
    resolution: expect.stringContaining('modprobe'),
  });
});

it.each([
  { who: 'the host', cid: 2, may: true, mayLocally: true },
  { who: 'a program of the guest', cid: 1, may: false, mayLocally: true },
  { who: 'a virtual machine within it', cid: 3, may: false, mayLocally: false },
  { who: 'the hypervisor', cid: 0, may: false, mayLocally: false },
])('$who, CID $cid, may connect: $may', ({ cid, may, mayLocally }) => {
  expect(refusalOf(cid, false) === undefined).toBe(may);
  expect(refusalOf(cid, true) === undefined).toBe(mayLocally);
});
