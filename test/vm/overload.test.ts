import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Guest, restoreGuest } from './support/guest.ts';

/** Enough to overload two emulated CPUs; what the unit allows would take them minutes to end. */
const TASKS = 300;

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest();
});
afterAll(() => guest.stop());

const property = (name: string) => guest.ok(`systemctl show -P ${name} limiquantix-agent`);

it('leaves commands a third of the processes that the guest can have', async () => {
  const most = Number(await guest.ok('cat /proc/sys/kernel/threads-max'));
  const part = Number(await property('TasksMax')) / most;
  expect(part).toBeGreaterThan(0.3);
  expect(part).toBeLessThan(0.34);
});

it('answers while a command forks without end, and ends it at its deadline', async () => {
  const pid = await property('MainPID');
  await guest.ok(`systemctl set-property --runtime limiquantix-agent TasksMax=${TASKS}`);
  const bomb = guest.rest('POST', '/execute', {
    command: 'b() { b | b & }; b; sleep 1000',
    timeout_seconds: 10,
  });
  const answered: number[] = [];
  for (const end = performance.now() + 8000; performance.now() < end; ) {
    const began = performance.now();
    const { body } = await guest.rest('POST', '/ping');
    if (body.connected) answered.push(Math.round(performance.now() - began));
  }
  const slowest = Math.max(...answered);
  console.log(`${answered.length} pings during a fork bomb, ${slowest} ms at the most`);
  // Without its priority the agent answers none of them.
  expect(answered.length).toBeGreaterThan(3);
  await bomb;
  const uname = () => guest.rest('POST', '/execute', { command: 'uname' });
  await expect.poll(uname, { timeout: 60_000 }).toMatchObject({ body: { stdout: 'Linux\n' } });
  expect(await guest.ok('pgrep -cxf "sleep 1000" || true', 60_000)).toBe('0');
  const peak = '/sys/fs/cgroup/system.slice/limiquantix-agent.service/pids.peak';
  expect(Number(await guest.ok(`cat ${peak} 2>/dev/null || echo ${TASKS}`))).toBe(TASKS);
  expect(await property('MainPID')).toBe(pid);
}, 200_000);
