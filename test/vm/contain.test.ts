import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Guest, restoreGuest } from './support/guest.ts';

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest();
});
afterAll(() => guest.stop());

interface Answer {
  readonly exit_code: number;
  readonly stdout: string;
  readonly timed_out: boolean;
}

async function execute(request: Record<string, unknown>): Promise<Answer> {
  const { status, body } = await guest.rest('POST', '/execute', request);
  expect(status).toBe(200);
  return body as Answer;
}

const running = async (pid: string) => (await guest.run(`kill -0 ${pid}`)).status === 0;

it('starts commands without a fork, also as another user', async () => {
  expect(await execute({ command: 'id -un; exit 3' })).toMatchObject({
    exit_code: 3,
    stdout: 'root\n',
  });
  const asTester = await execute({ command: 'id -un; echo x >/dev/stdout', run_as_user: 'tester' });
  expect(asTester.stdout).toBe('tester\nx\n');
  expect(await guest.agentLog()).not.toContain('commands start slower');
});

it('ends at the deadline what is in sessions of its own, too', async () => {
  const command = "setsid sh -c 'echo $$; sleep 4711 & echo $!; wait' & sleep 4711";
  const { stdout, timed_out } = await execute({ command, timeout_seconds: 3 });
  expect(timed_out).toBe(true);
  const pids = stdout.trim().split('\n');
  expect(pids).toHaveLength(2);
  for (const pid of pids) await expect.poll(() => running(pid)).toBe(false);
});

it('leaves running what a command has started and ended well, also when the agent restarts', async () => {
  const { stdout } = await execute({ command: 'nohup sleep 4712 >/dev/null 2>&1 & echo $!' });
  const pid = stdout.trim();
  expect(await running(pid)).toBe(true);
  await guest.ok('systemctl restart limiquantix-agent');
  expect(await running(pid)).toBe(true);
  await guest.ok(`kill ${pid}`);
});
