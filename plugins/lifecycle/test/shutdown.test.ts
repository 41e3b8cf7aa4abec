import { setTimeout as sleep } from 'node:timers/promises';
import { ErrorReport, Shutdown, ShutdownType } from '@limiquantix/plugin-sdk';
import { type FakeTools, type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import { afterAll, describe, expect, it, vi } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { lifecycle } from '../src/lifecycle.ts';
import { type FakeGuestOptions, fakeGuest } from './fake-guest.ts';

const { POWEROFF, REBOOT, HALT } = ShutdownType;
const SYSTEMD = { systemd: true, scripts: { systemctl: '' } };

const hosts: TestHost[] = [];
afterAll(() => Promise.all(hosts.map((host) => host.stop())));

async function start(options: FakeGuestOptions): Promise<{ tools: FakeTools; host: TestHost }> {
  const guest = fakeGuest(options);
  const host = await testHost(lifecycle(guest), { package: manifest });
  hosts.push(host);
  return { tools: guest.tools, host };
}

/** The error event that the host gets after the answer. */
async function failure(host: TestHost): Promise<unknown> {
  await vi.waitUntil(() => host.events.length > 0, { timeout: 20_000 });
  const [{ event, message } = {}] = host.events;
  expect(event).toBe(ErrorReport);
  return message;
}

describe.concurrent('a shutdown', () => {
  it.each([
    [POWEROFF, 'poweroff'],
    [REBOOT, 'reboot'],
    [HALT, 'halt'],
  ])('of type %i is "systemctl %s" where systemd runs', async (type, action) => {
    const { tools, host } = await start(SYSTEMD);
    expect(await host.call(Shutdown, { type })).toMatchObject({ accepted: true, error: '' });
    expect(await tools.called('systemctl')).toMatchObject([{ args: [action] }]);
  });

  it.each([
    [POWEROFF, ['-h', '-P', 'now']],
    [REBOOT, ['-r', 'now']],
    [HALT, ['-h', '-H', 'now']],
  ])('of type %i is "shutdown %j" where it does not', async (type, args) => {
    const { tools, host } = await start({ scripts: { shutdown: '', systemctl: '', poweroff: '' } });
    await host.call(Shutdown, { type });
    expect(await tools.called('shutdown')).toMatchObject([{ args }]);
    expect(tools.calls()).toHaveLength(1);
  });

  it.each([
    [POWEROFF, 'poweroff'],
    [REBOOT, 'reboot'],
    [HALT, 'halt'],
  ])('of type %i is "%s" where there is no more than busybox', async (type, program) => {
    const { tools, host } = await start({ scripts: { poweroff: '', reboot: '', halt: '' } });
    await host.call(Shutdown, { type });
    expect(await tools.called(program)).toMatchObject([{ args: [] }]);
    expect(tools.calls()).toHaveLength(1);
  });

  it('is answered before anything happens', async () => {
    const { tools, host } = await start(SYSTEMD);
    await host.call(Shutdown, { type: POWEROFF });
    expect(tools.calls()).toEqual([]);
    await tools.called('systemctl');
  });

  it('waits for its delay, to the second', async () => {
    const { tools, host } = await start(SYSTEMD);
    const begun = performance.now();
    await host.call(Shutdown, { type: POWEROFF, delaySeconds: 2 });
    await tools.called('systemctl');
    expect(performance.now() - begun).toBeGreaterThan(1990);
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it('gives way to a later one', async () => {
    const { tools, host } = await start(SYSTEMD);
    await host.call(Shutdown, { type: POWEROFF, delaySeconds: 3 });
    await host.call(Shutdown, { type: REBOOT });
    expect(await tools.called('systemctl')).toMatchObject([{ args: ['reboot'] }]);
    await sleep(3300);
    expect(tools.calls()).toHaveLength(1);
    expect(host.log.find(({ message }) => message === 'reboot accepted')?.fields).toMatchObject({
      replaces: { request_id: 'test-1', action: 'poweroff' },
    });
  });

  it('can be put off by a later one', async () => {
    const { tools, host } = await start(SYSTEMD);
    await host.call(Shutdown, { type: POWEROFF, delaySeconds: 1 });
    await host.call(Shutdown, { type: POWEROFF, delaySeconds: 604_800 });
    await sleep(1500);
    expect(tools.calls()).toEqual([]);
  });

  it('is logged when it begins', async () => {
    const { tools, host } = await start(SYSTEMD);
    await host.call(Shutdown, { type: HALT });
    await tools.called('systemctl');
    expect(host.log.map(({ message }) => message)).toContain('halt begins');
  });

  it('waits while filesystems are frozen', async () => {
    const { tools, host } = await start(SYSTEMD);
    await host.call(Shutdown, { type: POWEROFF });
    await host.hooks.freezing.promise();
    await sleep(700);
    expect(tools.calls()).toEqual([]);
    host.hooks.thawed.call();
    await tools.called('systemctl');
  });
});

describe.concurrent('users', () => {
  it('are told at once, with the reason', async () => {
    const { tools, host } = await start({ systemd: true, scripts: { systemctl: '', wall: '' } });
    const request = { type: REBOOT, delaySeconds: 30, message: 'New kernel' };
    await host.call(Shutdown, request);
    const input = 'New kernel\nThe system will reboot in 30 seconds.\n';
    expect(await tools.called('wall')).toEqual([{ program: 'wall', args: [], input }]);
    expect(tools.calls('systemctl')).toEqual([]);
  });

  it('are told that it is now', async () => {
    const { tools, host } = await start({ systemd: true, scripts: { systemctl: '', wall: '' } });
    await host.call(Shutdown, { type: POWEROFF });
    const [{ input } = { input: '' }] = await tools.called('wall');
    expect(input).toBe('The system will power off now.\n');
  });

  it('who cannot be told do not keep it from happening', async () => {
    const scripts = { systemctl: '', wall: 'echo "wall: no terminal" >&2; exit 1' };
    const { tools, host } = await start({ systemd: true, scripts });
    await host.call(Shutdown, { type: POWEROFF });
    await tools.called('systemctl');
    await expect
      .poll(() => host.log.map(({ message }) => message))
      .toContain('users were not told');
  });

  it('see nothing that a terminal would obey', async () => {
    const { tools, host } = await start({ systemd: true, scripts: { systemctl: '', wall: '' } });
    const message = `\u001b]0;x\u0007 a\r\n\n\u0000b\u009b2J\u2028c${'d'.repeat(9000)}`;
    await host.call(Shutdown, { type: POWEROFF, message });
    const [{ input } = { input: '' }] = await tools.called('wall');
    expect(input).toMatch(/^\]0;x {2}a b 2J cd+\nThe system will power off now\.\n$/);
    expect(input.length).toBeLessThan(600);
  });
});

describe.concurrent('the reason', () => {
  const reason = '--force -f $(id); `id` "x"';

  it('is one argument for the log of systemd', async () => {
    const { tools, host } = await start(SYSTEMD);
    await host.call(Shutdown, { type: POWEROFF, message: reason });
    const args = ['poweroff', `--message=${reason}`];
    expect(await tools.called('systemctl')).toMatchObject([{ args }]);
  });

  it('is left away where systemctl does not know the option', async () => {
    const old = `case "$*" in *--message*) echo "unrecognized option" >&2; exit 1;; esac`;
    const { tools, host } = await start({ systemd: true, scripts: { systemctl: old } });
    await host.call(Shutdown, { type: POWEROFF, message: reason });
    const calls = await tools.called('systemctl', 2);
    expect(calls[1]).toMatchObject({ args: ['poweroff'] });
    await sleep(100);
    expect(host.events).toEqual([]);
  });

  it('never becomes an argument of another tool', async () => {
    const { tools, host } = await start({ scripts: { shutdown: '' } });
    await host.call(Shutdown, { type: POWEROFF, message: reason });
    expect(await tools.called('shutdown')).toMatchObject([{ args: ['-h', '-P', 'now'] }]);
  });
});

describe.concurrent('what cannot work is refused', () => {
  it.each([
    [POWEROFF, 604_801, 5001],
    [HALT, 2 ** 31, 5001],
    [REBOOT, 2 ** 32 - 1, 5002],
  ])('a delay of more than a week (%#)', async (type, delaySeconds, code) => {
    const { tools, host } = await start(SYSTEMD);
    await expect(host.call(Shutdown, { type, delaySeconds })).rejects.toMatchObject({ code });
    await sleep(400);
    expect(tools.calls()).toEqual([]);
  });

  it('a type that nobody knows', async () => {
    const { host } = await start(SYSTEMD);
    await expect(host.call(Shutdown, { type: 3 })).rejects.toMatchObject({ code: 5001 });
  });

  it.each([
    [POWEROFF, 5001],
    [REBOOT, 5002],
  ])('a guest without the tools (type %i)', async (type, code) => {
    const { host } = await start({ scripts: { systemctl: '', wall: '' } });
    await expect(host.call(Shutdown, { type })).rejects.toMatchObject({
      code,
      message: expect.stringContaining('the guest has none of shutdown'),
    });
  });

  it('and leaves an earlier shutdown as it was', async () => {
    const { tools, host } = await start(SYSTEMD);
    await host.call(Shutdown, { type: POWEROFF, delaySeconds: 1 });
    await expect(host.call(Shutdown, { type: 3 })).rejects.toThrow();
    expect(await tools.called('systemctl')).toMatchObject([{ args: ['poweroff'] }]);
  });
});

describe.concurrent('a shutdown that was accepted and does not happen is told', () => {
  it.each([
    [POWEROFF, 'QXGA-5001', 'SHUTDOWN_FAILED'],
    [REBOOT, 'QXGA-5002', 'REBOOT_FAILED'],
  ])('with what the tool said (type %i)', async (type, code, name) => {
    const scripts = { systemctl: 'echo "Call to PowerOff failed: inhibited" >&2; exit 1' };
    const { host } = await start({ systemd: true, scripts });
    expect(await host.call(Shutdown, { type })).toMatchObject({ accepted: true });
    expect(await failure(host)).toMatchObject({
      code,
      details: { name, context: expect.stringContaining('Call to PowerOff failed: inhibited') },
    });
    expect(host.log.some(({ level }) => level === 'error')).toBe(true);
  });

  it('with what every tool said', async () => {
    const scripts = { shutdown: 'echo one; exit 1', poweroff: 'exit 3' };
    const { host } = await start({ scripts });
    await host.call(Shutdown, { type: POWEROFF });
    expect(await failure(host)).toMatchObject({
      details: { context: expect.stringMatching(/one; .*it ended with exit code 3/) },
    });
  });

  it('when the agent stops before its time', async () => {
    const { tools, host } = await start(SYSTEMD);
    await host.call(Shutdown, { type: REBOOT, delaySeconds: 3 });
    await host.stop();
    expect(await failure(host)).toMatchObject({
      code: 'QXGA-5002',
      message: expect.stringMatching(/called off [123] s before its time/),
    });
    await sleep(3300);
    expect(tools.calls()).toEqual([]);
    await expect(host.call(Shutdown, { type: REBOOT })).rejects.toMatchObject({ code: 5002 });
  });

  it('but not when the system ended the tool that it was told with', async () => {
    const { tools, host } = await start({ systemd: true, scripts: { systemctl: 'kill $$' } });
    await host.call(Shutdown, { type: POWEROFF });
    await tools.called('systemctl');
    await sleep(200);
    await host.stop();
    expect(host.events).toEqual([]);
  });
});
