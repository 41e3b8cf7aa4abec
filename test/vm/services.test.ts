import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guest, restoreGuest } from './support/guest.ts';

/** Services of the test's own: name and `[Service]` section. */
const UNITS = {
  fails: 'ExecStart=sh -c "echo no such database; exit 3"',
  plain: 'ExecStart=sleep 600\n[Install]\nWantedBy=multi-user.target',
  slow: 'ExecStartPre=sleep 5\nExecStart=sleep 600',
  stubborn: `ExecStart=sh -c "trap '' TERM; while :; do sleep 1; done"\nTimeoutStopSec=3`,
};

interface Listed {
  readonly name: string;
  readonly state: string;
}

describe('the services of a guest', () => {
  let guest: Guest;
  beforeAll(async () => {
    guest = await restoreGuest();
    const files = Object.entries(UNITS).map(
      ([name, section]) =>
        `printf '%s\\n' ${Buffer.from(`[Service]\n${section}\n`).toString('base64')} |
base64 -d >/etc/systemd/system/test-${name}.service`,
    );
    await guest.ok([...files, 'systemctl daemon-reload'].join('\n'));
  });
  afterAll(() => guest?.stop());

  const control = (name: string, action: string) =>
    guest.rest('POST', `/services/${name}/control`, { action });
  const stateOf = async (name: string) => (await control(name, 'status')).body.new_state;
  const list = async (query = ''): Promise<readonly Listed[]> =>
    (await guest.rest('GET', `/services${query}`)).body.services;
  const named = (name: string, services: readonly Listed[]) =>
    services.find((service) => service.name === `${name}.service`);
  const systemd = async (command: string, name: string) =>
    (await guest.run(`systemctl ${command} ${name}.service`)).stdout.trim();

  it('are listed as systemd knows them, in one order', async () => {
    const services = await list('?include_disabled=true');
    const names = services.map(({ name }) => name);
    // Links are other names of the same.
    const files = await guest.ok(
      "find /lib/systemd/system/ -maxdepth 1 -type f -name '*.service' -printf '%f\\n'",
    );
    expect(names).toEqual(expect.arrayContaining(files.split('\n')));
    expect(names).toEqual([...names].sort());
    const pid = Number(await guest.ok('systemctl show -P MainPID cron'));
    expect(named('cron', services)).toMatchObject({
      state: 'running',
      start_type: 'auto',
      description: 'Regular background program processing daemon',
      pid,
    });
    expect(named('ssh', services)).toMatchObject({
      state: 'stopped',
      start_type: 'disabled',
      pid: 0,
    });
  });

  it('are stopped, started and restarted', async () => {
    const pid = await systemd('show -P MainPID', 'cron');
    expect((await control('cron', 'stop')).body).toMatchObject({ new_state: 'stopped' });
    expect(await systemd('is-active', 'cron')).toBe('inactive');
    expect(await control('cron', 'stop')).toMatchObject({
      status: 409,
      body: { code: 'QXGA-7007' },
    });
    expect((await control('cron', 'start')).body).toMatchObject({ new_state: 'running' });
    expect(await control('cron', 'start')).toMatchObject({
      status: 409,
      body: { code: 'QXGA-7006' },
    });
    const started = await systemd('show -P MainPID', 'cron');
    expect(started).not.toBe(pid);
    expect((await control('cron', 'restart')).body).toMatchObject({ new_state: 'running' });
    expect(await systemd('is-active', 'cron')).toBe('active');
    expect(await systemd('show -P MainPID', 'cron')).not.toBe(started);
  });

  it('are enabled and disabled for the next boot, and go on as they are', async () => {
    await control('test-plain', 'start');
    for (const [action, is] of [
      ['enable', 'enabled'],
      ['disable', 'disabled'],
    ] as const) {
      expect((await control('test-plain', action)).body).toMatchObject({ new_state: 'running' });
      expect(await systemd('is-enabled', 'test-plain')).toBe(is);
    }
  });

  it('that fail at their start are told with what they said', async () => {
    const { status, body } = await control('test-fails', 'start');
    expect({ status, body }).toMatchObject({ status: 502, body: { code: 'QXGA-7004' } });
    expect(body.context).toContain('no such database');
    expect(await systemd('is-failed', 'test-fails')).toBe('failed');
    expect(named('test-fails', await list())).toMatchObject({ state: 'failed' });
  });

  it('that are killed are failed, and start again', async () => {
    await guest.ok('systemctl kill --signal=KILL test-plain');
    await expect.poll(() => stateOf('test-plain'), { timeout: 10_000 }).toBe('failed');
    expect((await control('test-plain', 'start')).body).toMatchObject({ new_state: 'running' });
  });

  it('that take long to start are starting, and answered when they run', async () => {
    const started = control('test-slow', 'start');
    await expect.poll(() => stateOf('test-slow'), { timeout: 4000 }).toBe('starting');
    expect((await started).body).toMatchObject({ new_state: 'running' });
    expect(await systemd('is-active', 'test-slow')).toBe('active');
  });

  it('that do not want to stop are killed by systemd, which is success', async () => {
    expect((await control('test-stubborn', 'start')).body).toMatchObject({ new_state: 'running' });
    const { status, body } = await control('test-stubborn', 'stop');
    expect({ status, ...body }).toMatchObject({ status: 200, new_state: 'failed' });
    expect(await systemd('show -P MainPID', 'test-stubborn')).toBe('0');
  });

  it('that are masked do not start; the agent does not stop itself', async () => {
    await guest.ok('systemctl mask --quiet ssh');
    expect(await control('ssh', 'start')).toMatchObject({ body: { code: 'QXGA-7004' } });
    for (const action of ['stop', 'restart', 'disable']) {
      expect(await control('limiquantix-agent', action)).toMatchObject({
        body: { code: expect.stringMatching(/QXGA-700[45]/) },
      });
    }
    expect(await systemd('is-active', 'limiquantix-agent')).toBe('active');
  });
});
