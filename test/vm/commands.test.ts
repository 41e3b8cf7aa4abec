import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guest, restoreGuest } from './support/guest.ts';

const MIB = 1024 * 1024;

describe('a command in a guest', () => {
  let guest: Guest;
  beforeAll(async () => {
    guest = await restoreGuest();
  });
  afterAll(() => guest?.stop());

  const execute = async (request: object) => {
    const { status, body } = await guest.rest('POST', '/execute', request);
    expect({ status, body }).toMatchObject({ status: 200 });
    return body;
  };
  const agentPid = () => guest.ok('systemctl show -P MainPID limiquantix-agent');

  it('runs as a user with the groups and the environment of a login', async () => {
    await guest.ok('groupadd --force operators; usermod -aG operators,games tester');
    const command =
      'id -un; id -gn; id -Gn | tr " " "\\n" | sort | xargs; echo $HOME $USER $SHELL; pwd; env';
    const { stdout, exit_code } = await execute({ command, run_as_user: 'tester' });
    expect(exit_code).toBe(0);
    expect(stdout).toMatch(
      /^tester\ntester\ngames operators tester\n\/home\/tester tester \/bin\/bash\n/,
    );
    expect(stdout).not.toMatch(
      /^(NOTIFY_SOCKET|INVOCATION_ID|JOURNAL_STREAM|WATCHDOG_\w+|NODE_\w+)=/m,
    );
    const shadow = await execute({ command: 'cat /etc/shadow', run_as_user: 'tester' });
    expect(shadow).toMatchObject({ exit_code: 1, stdout: '' });
  });

  it('does not inherit what keeps the agent alive', async () => {
    const pid = await agentPid();
    expect(await guest.ok(`cat /proc/${pid}/oom_score_adj`)).toBe('-900');
    const command = 'cat /proc/self/oom_score_adj; umask; ulimit -Hc; ls /proc/self/fd | wc -l';
    expect((await execute({ command })).stdout).toBe('0\n0022\nunlimited\n4\n');
    expect(await guest.ok(`ps -o ni= -p ${pid}; cat /proc/${pid}/autogroup`)).toMatch(
      /^ *-10\n.* nice -10$/,
    );
    for (const run_as_user of ['root', 'tester']) {
      const { stdout } = await execute({ command: 'nice; cat /proc/self/autogroup', run_as_user });
      expect(stdout).toMatch(/^0\n.* nice 0\n$/);
    }
  });

  it('is ended at its deadline with all descendants, whatever sessions they made; daemons live', async () => {
    const answer = await execute({
      command:
        'sleep 7001 & setsid sleep 7002 & setsid sh -c "sleep 7003 & sleep 7004" & ' +
        '(setsid sleep 7009 >/dev/null 2>&1 &); sleep 7005',
      timeout_seconds: 3,
    });
    expect(answer).toMatchObject({ timed_out: true, exit_code: -1 });
    await expect
      .poll(() => guest.ok('pgrep -fx "sleep 70.." -a | cut -d" " -f2-'), { timeout: 5000 })
      .toBe('sleep 7009');
    await guest.ok('pkill -fx "sleep 7009"');
  });

  it('that prints without end costs the agent no memory', async () => {
    const pid = await agentPid();
    const resident = async () =>
      Number(await guest.ok(`sed -n 's/^RssAnon:\\s*\\([0-9]*\\) kB/\\1/p' /proc/${pid}/status`)) *
      1024;
    const before = await resident();
    const answer = await execute({ command: 'yes', timeout_seconds: 3 });
    expect(answer).toMatchObject({ timed_out: true, stdout_truncated: true });
    expect(answer.stdout.length).toBe(MIB);
    expect((await resident()) - before).toBeLessThan(40 * MIB);
  });

  it('gets what the host sends on its standard input, whole', async () => {
    const stdin = Buffer.alloc(MIB, 'the guest reads on ');
    const { stdout } = await execute({
      command: 'sleep 1; sha256sum',
      stdin: stdin.toString('base64'),
      stdin_encoding: 'base64',
    });
    expect(stdout).toBe(`${createHash('sha256').update(stdin).digest('hex')}  -\n`);
  });

  it('that takes all memory is what the kernel kills, and not the agent', async () => {
    const pid = await agentPid();
    const answer = await execute({ command: 'tail /dev/zero', timeout_seconds: 100 });
    expect(answer).toMatchObject({ exit_code: 137, timed_out: false });
    expect(await guest.ok('dmesg | grep -c "Out of memory: Killed process .*tail"')).toBe('1');
    expect(await agentPid()).toBe(pid);
    expect(await execute({ command: 'uname' })).toMatchObject({ stdout: 'Linux\n' });
  });
});
