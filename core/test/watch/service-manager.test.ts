import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendNotification } from '../../src/watch/notify-socket.ts';
import { ServiceManager } from '../../src/watch/service-manager.ts';
import { temporaryFolder } from '../temporary.ts';

const SOCKET = '/run/systemd/notify';

/** What a manager would have been told, with what the agent logs where that fails. */
function recorder(env: Record<string, string>, answer: () => Promise<void> = async () => {}) {
  const told: string[] = [];
  const warnings: string[] = [];
  const manager = new ServiceManager({
    env,
    log: { warn: (message) => warnings.push(message) },
    send: async (lines) => {
      told.push(lines.join(' '));
      await answer();
    },
  });
  return { manager, told, warnings };
}

describe('the service manager is told', () => {
  it('readiness with a status, and the end', async () => {
    const { manager, told } = recorder({ NOTIFY_SOCKET: SOCKET });
    await manager.ready('version 1.2.3');
    await manager.stopping();
    expect(told).toEqual(['READY=1 STATUS=version 1.2.3', 'STOPPING=1 STATUS=stopping']);
  });

  it('a reload with the monotonic time at which it began, before its end', async () => {
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 20));
    const { manager, told } = recorder({ NOTIFY_SOCKET: SOCKET }, slow);
    const before = process.hrtime.bigint() / 1000n;
    void manager.reloading();
    const after = process.hrtime.bigint() / 1000n;
    await manager.ready('x');
    const [reloading = '', ready] = told;
    const [, time] = /^RELOADING=1 MONOTONIC_USEC=(\d+)$/.exec(reloading) ?? [];
    expect(BigInt(time as string)).toBeGreaterThanOrEqual(before);
    expect(BigInt(time as string)).toBeLessThanOrEqual(after);
    expect(ready).toBe('READY=1 STATUS=x');
  });

  it('that the agent lives, until it stops', async () => {
    const { manager, told } = recorder({ NOTIFY_SOCKET: SOCKET, WATCHDOG_USEC: '40000' });
    await expect.poll(() => told.length).toBeGreaterThan(2);
    expect(new Set(told)).toEqual(new Set(['WATCHDOG=1']));
    await manager.stopping();
    const count = told.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(told).toHaveLength(count);
  });

  it('nothing more while a message is on its way for long', async () => {
    const never = () => new Promise<void>(() => {});
    const { manager, told } = recorder({ NOTIFY_SOCKET: SOCKET, WATCHDOG_USEC: '20000' }, never);
    await expect.poll(() => told.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(told).toEqual(['WATCHDOG=1']);
    await manager.stopping();
  });

  it.each([
    ['of another process', { WATCHDOG_USEC: '10000', WATCHDOG_PID: '1' }],
    ['without a limit', {}],
    ['with a limit that is none', { WATCHDOG_USEC: 'soon' }],
  ])('of no life for a watchdog %s', async (_, env) => {
    const { told } = recorder({ NOTIFY_SOCKET: SOCKET, ...env });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(told).toEqual([]);
  });

  it('nothing where there is none', async () => {
    const { manager, told } = recorder({ WATCHDOG_USEC: '10000' });
    await manager.ready('x');
    await manager.reloading();
    await manager.stopping();
    expect(told).toEqual([]);
  });

  it('by the agent alone: its programs do not inherit the socket', () => {
    const env = { NOTIFY_SOCKET: SOCKET, WATCHDOG_USEC: '9', WATCHDOG_PID: '1', PATH: '/bin' };
    recorder(env);
    expect(env).toEqual({ PATH: '/bin' });
  });

  it('again after it could not be told, which the log says', async () => {
    let fails = true;
    const { manager, told, warnings } = recorder({ NOTIFY_SOCKET: SOCKET }, async () => {
      if (fails) throw new Error('no such socket');
    });
    await manager.ready('x');
    fails = false;
    await manager.reloading();
    expect(told).toHaveLength(2);
    expect(warnings).toEqual([expect.stringContaining('no such socket')]);
  });
});

/** Begins to read when it is told to. */
const RECEIVER = `
import os, socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.bind(sys.argv[1].replace("@", "\\0"))
print("bound", flush=True)
sys.stdin.readline()
while True:
    data, controls, _, _ = s.recvmsg(4096, 1024)
    # systemd-notify waits until its descriptor was closed: then all before was read.
    for fd in [struct.unpack("i", c[2])[0] for c in controls if c[1] == socket.SCM_RIGHTS]:
        os.close(fd)
    senders = [struct.unpack("3i", c[2])[0] for c in controls if c[1] == socket.SCM_CREDENTIALS]
    if not data.startswith(b"BARRIER"):
        print(senders[0], data.decode().replace("\\n", " "), flush=True)
`;

async function receiver(socket: string) {
  const child = spawn('/usr/bin/python3', ['-c', RECEIVER, socket]);
  onTestFinished(() => void child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value;
  expect(await next()).toBe('bound');
  return { next, read: () => child.stdin.write('\n') };
}

const missing = (...files: string[]) => files.find((file) => !existsSync(file));
const noReceiver = missing('/usr/bin/python3');
const noTool =
  process.getuid?.() === 0
    ? missing('/usr/bin/python3', '/usr/bin/systemd-notify')
    : 'root, who may send with the process id of another';

describe('over a real socket', () => {
  const log = { warn: (message: string) => expect.fail(message) };

  it.skipIf(noReceiver).each([
    ['in a folder', () => join(temporaryFolder(), 'notify')],
    ['in none', () => `@limiquantix-test-${process.pid}`],
  ])('%s it is the agent that sends, which is what NotifyAccess=main asks for', async (_, path) => {
    const socket = path();
    const { next, read } = await receiver(socket);
    read();
    const manager = new ServiceManager({ env: { NOTIFY_SOCKET: socket }, log });
    await manager.ready('serving');
    expect(await next()).toBe(`${process.pid} READY=1 STATUS=serving`);
  });

  it.skipIf(noTool)(`waits for a manager that does not read yet${needs(noTool)}`, async () => {
    const socket = join(temporaryFolder(), 'notify');
    const { next, read } = await receiver(socket);
    let waiting = 0;
    const fill = () => {
      for (; waiting < 10_000; waiting++) sendNotification(socket, 'STATUS=busy');
    };
    expect(fill).toThrow('EAGAIN');
    const manager = new ServiceManager({ env: { NOTIFY_SOCKET: socket }, log });
    const told = manager.ready('serving');
    read();
    for (; waiting > 0; waiting--) expect(await next()).toBe(`${process.pid} STATUS=busy`);
    expect(await next()).toBe(`${process.pid} READY=1 STATUS=serving`);
    await told;
  });

  it('says in the log that nobody listens', async () => {
    const warnings: string[] = [];
    const manager = new ServiceManager({
      env: { NOTIFY_SOCKET: join(temporaryFolder(), 'none') },
      log: { warn: (message) => warnings.push(message) },
    });
    await manager.ready('serving');
    expect(warnings).toEqual([expect.stringMatching(/^the service manager was not told: ./)]);
  });
});

function needs(what: string | undefined): string {
  return what ? `: needs ${what}` : '';
}
