import { join } from 'node:path';
import { AgentClient } from '@limiquantix/agent-client';
import { Ping } from '@limiquantix/agent-proto';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guest, restoreGuest } from './support/guest.ts';

const CONFIG = '/etc/limiquantix/agent.yaml';
/** Beside the agent, where its native module is found. */
const HOST = '/usr/lib/limiquantix/core/host.cjs';
const NODE = '/usr/lib/limiquantix/runtime/node';
const CASE_LIMIT_MS = 100_000;

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest({ gateway: false });
  const client = await AgentClient.connect({ path: guest.socketPath });
  await client.upload(HOST, [await hostProgram()]);
  await client.close();
});
afterAll(() => guest.stop());

/** A host for the guest itself: no vsock leads out of it. */
async function hostProgram(): Promise<Uint8Array> {
  const entry = join(import.meta.dirname, 'vsock/host.ts');
  const options = { bundle: true, platform: 'node', format: 'cjs', write: false } as const;
  const { outputFiles } = await build({ ...options, entryPoints: [entry], minify: true });
  return outputFiles[0]?.contents as Uint8Array;
}

async function restartWith(config: string): Promise<void> {
  await guest.ok(`printf '${config}' >${CONFIG}; systemctl restart limiquantix-agent`);
}

/** What the agent said since it was started last. */
async function log(): Promise<string> {
  const invocation = '$(systemctl show -p InvocationID --value limiquantix-agent)';
  return guest.ok(`journalctl --no-pager -o cat _SYSTEMD_INVOCATION_ID=${invocation}`);
}

/** What the host in the guest finds. */
// biome-ignore lint/suspicious/noExplicitAny: each case has its own shape
async function host(wanted: string, port = 990): Promise<any> {
  return JSON.parse(await guest.ok(`${NODE} ${HOST} ${port} ${wanted}`, CASE_LIMIT_MS));
}

async function answersByPort(): Promise<void> {
  const client = await AgentClient.connect({ path: guest.socketPath });
  try {
    expect(await client.call(Ping, { sequence: 5n })).toMatchObject({ sequence: 5 });
  } finally {
    await client.close();
  }
}

describe('where the guest has no vsock', () => {
  it('is preferred in vain: the agent says so and takes the port', async () => {
    await restartWith('prefer_vsock: true\n');
    await answersByPort();
    expect(await log()).toMatch(/QXGA-1007: VSOCK not available: ENOENT.*\/dev\/vsock/);
    expect(await log()).toMatch(/"message":"channel open".*org\.limiquantix\.agent\.0/);
  });

  it('is waited for where the configuration names nothing else', async () => {
    await restartWith('device_path: vsock:990\n');
    await expect.poll(log, { timeout: 10_000 }).toMatch(/QXGA-1007.*"retrying":true/);
    expect(await log()).not.toContain('channel open');
  });
});

describe('where only the guest itself can be reached by vsock', () => {
  beforeAll(() => guest.ok('modprobe vsock_loopback'));

  it('is not taken: no host could connect', async () => {
    await restartWith('prefer_vsock: true\n');
    await answersByPort();
    expect(await log()).toContain(
      'QXGA-1007: VSOCK not available: this machine has no vsock device',
    );
  });

  it('is preferred to the port once programs of the guest may connect', async () => {
    await restartWith('prefer_vsock: true\nvsock_allow_local: true\n');
    expect(await log()).toMatch(/"message":"channel open","device":"vsock:1000"/);
    expect(await host('execute', 1000)).toEqual({ exitCode: 0, stdout: 'root\n' });
  });
});

describe('over vsock', () => {
  beforeAll(async () => {
    await restartWith('device_path: vsock:990\nvsock_allow_local: true\n');
    expect(await log()).toMatch(/"message":"channel open","device":"vsock:990"/);
  });

  it('a ping and a command are answered', async () => {
    const { ms } = await host('ping');
    console.log(`a ping over vsock: ${ms.toFixed(2)} ms`);
    expect(await host('execute')).toEqual({ exitCode: 0, stdout: 'root\n' });
  });

  it('a file of 32 MiB arrives as it is, both ways', async () => {
    const { written, read, upload, download } = await host('transfer');
    console.log(
      `vsock: ${upload.toFixed(1)} MB/s to the guest, ${download.toFixed(1)} MB/s from it`,
    );
    expect({ written, read }).toEqual({ written: true, read: true });
  });

  it('many hosts are served at once', async () => {
    expect(await host('peers')).toEqual(Array.from({ length: 16 }, (_, n) => n));
  });

  it('a host connects again when the agent was restarted', async () => {
    expect(await host('restart')).toEqual({ back: true });
  });

  it('an agent keeps no descriptor of hosts that left', async () => {
    const count = 'ls /proc/$(systemctl show -p MainPID --value limiquantix-agent)/fd | wc -l';
    // What the first command needs stays open.
    await host('peers');
    const before = await guest.ok(count);
    await host('peers');
    await expect.poll(() => guest.ok(count), { timeout: 5000 }).toBe(before);
  });

  it('another agent on the port says that it is taken', async () => {
    const command = `timeout 20 /usr/bin/limiquantix-agent --config ${CONFIG} 2>&1 | grep -m1 1006`;
    expect(await guest.ok(command, 30_000)).toContain('another process listens on vsock:990');
  });
});
