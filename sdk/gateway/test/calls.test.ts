import {
  AgentError,
  ConfigureNetwork,
  ErrorReason,
  Execute,
  FileRead,
  KillProcess,
  ListProcesses,
  Ping,
  ResetPassword,
} from '@limiquantix/agent-proto';
import { expect, test, vi } from 'vitest';
import { eventually, startVm } from './gateway-under-test.ts';
import { GARBAGE, on } from './scripted-agent.ts';

const never = () => new Promise<never>(() => undefined);

test('a caller that leaves cancels its call', async () => {
  const { fetch, agent } = await startVm(on(Execute, never));
  const leave = new AbortController();
  const call = fetch('/execute', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ command: 'sleep 60' }),
    signal: leave.signal,
  });
  await eventually(() => agent.calls.length === 1);
  leave.abort();
  await expect(call).rejects.toThrow();
  await eventually(() => agent.cancelled.includes('execute'));
});

test('so does one that leaves in the middle of a file', async () => {
  const chunk = Buffer.alloc(64 * 1024);
  const { fetch, agent } = await startVm(
    on(FileRead, ({ offset }) =>
      Number(offset) < 2_000_000
        ? { data: chunk, totalSize: 9_000_000, offset }
        : new Promise<never>(() => undefined),
    ),
  );
  const response = await fetch('/files/content?path=/f');
  await response.body?.cancel();
  await eventually(() => agent.cancelled.includes('file_read'));
});

test('an agent that does not answer in time', async () => {
  const { ask, agent } = await startVm(
    on(ListProcesses, never),
    on(Ping, never),
    on(Execute, never),
  );
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const list = ask('/processes');
    const ping = ask('/ping', {});
    const short = ask('/execute', { command: 'x', timeout_seconds: 1 });
    await expect.poll(() => agent.calls.length).toBe(3);
    await vi.advanceTimersByTimeAsync(5500);
    expect((await ping).body).toMatchObject({ connected: false, reason: expect.any(String) });
    await vi.advanceTimersByTimeAsync(1000);
    expect((await short).status).toBe(504);
    await vi.advanceTimersByTimeAsync(24_000);
    expect(await list).toMatchObject({ status: 504, body: { name: 'READ_FAILED' } });
  } finally {
    vi.useRealTimers();
  }
});

test('a change of the network has the time to be put back', async () => {
  const { promise, resolve } = Promise.withResolvers<{ backend: string }>();
  const { ask, agent } = await startVm(on(ConfigureNetwork, () => promise));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const network = ask('/network', { interface: 'eth0', dhcp: true });
    await expect.poll(() => agent.calls.length).toBe(1);
    await vi.advanceTimersByTimeAsync(225_000);
    resolve({ backend: 'netplan' });
    expect(await network).toMatchObject({ status: 200, body: { backend: 'netplan' } });
  } finally {
    vi.useRealTimers();
  }
});

test('calls of many callers share one connection and do not wait for each other', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { ask } = await startVm(
    on(Execute, async ({ command }) => {
      if (command === 'slow') await held;
      return { stdout: command };
    }),
  );
  const slow = ask('/execute', { command: 'slow' });
  const fast = await Promise.all(
    Array.from({ length: 50 }, (_, i) => ask('/execute', { command: `fast ${i}` })),
  );
  expect(fast.map(({ body }) => body.stdout)).toEqual(fast.map((_, i) => `fast ${i}`));
  release();
  expect((await slow).body.stdout).toBe('slow');
});

test('a bad answer is the failure of the guest, not of the request', async () => {
  const { ask } = await startVm(
    on(ListProcesses, () => GARBAGE),
    on(Execute, () => ({ stdout: 'x'.repeat(17 * 1024 * 1024) })),
    on(FileRead, () => {
      throw new AgentError('INVALID_MESSAGE', { detail: 'path is empty' });
    }),
  );
  expect(await ask('/processes')).toMatchObject({ status: 502, body: { code: 'QXGA-2001' } });
  const long = await ask('/execute', { command: 'yes' });
  expect(long).toMatchObject({ status: 502, body: { code: 'QXGA-2003' } });
  const refused = await ask('/files/read', { path: '/f' });
  expect(refused).toMatchObject({ status: 400, body: { code: 'QXGA-2001' } });
});

test('the status tells why an operation failed where its code only tells that it did', async () => {
  const failures = {
    nobody: new AgentError('PASSWORD_RESET_FAILED', { reason: ErrorReason.NOT_FOUND }),
    'no name': new AgentError('PASSWORD_RESET_FAILED', { reason: ErrorReason.INVALID }),
    locked: new AgentError('PASSWORD_RESET_FAILED', { reason: ErrorReason.DENIED }),
    busy: new AgentError('PASSWORD_RESET_FAILED', { reason: ErrorReason.CONFLICT }),
    bare: new AgentError('PASSWORD_RESET_FAILED', { reason: ErrorReason.UNSUPPORTED }),
    stopping: new AgentError('PASSWORD_RESET_FAILED', { reason: ErrorReason.CANCELLED }),
    'an older agent': new AgentError('PASSWORD_RESET_FAILED'),
    'a newer agent': new AgentError('USER_NOT_FOUND', { reason: 99 }),
  };
  const { ask } = await startVm(
    on(ResetPassword, ({ username }) => {
      throw failures[username as keyof typeof failures];
    }),
    on(KillProcess, () => {
      throw new AgentError('KILL_FAILED');
    }),
  );
  const statuses: number[] = [];
  for (const username of Object.keys(failures)) {
    statuses.push((await ask('/reset-password', { username, new_password: 'x' })).status);
  }
  expect(statuses).toEqual([404, 400, 403, 409, 501, 503, 502, 404]);
  expect(await ask('/processes/7/kill', {})).toMatchObject({ status: 403 });
});
