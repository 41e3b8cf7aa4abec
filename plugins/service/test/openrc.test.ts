import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bootGuest, type Guest } from './guest.ts';
import { control, failure, guestServices, list } from './plugin.ts';

const RUN = '#!/sbin/openrc-run\n';
const SLEEP = 'command=/bin/sleep\ncommand_args=1000\n';

/** Init scripts by their names. */
const SCRIPTS: Readonly<Record<string, string>> = {
  web: `${RUN}name="Web server"\ndescription="Sërves the web"\n${SLEEP}command_background=yes\npidfile=/run/web.pid\n`,
  supervised: `${RUN}supervisor=supervise-daemon\n${SLEEP}`,
  once: `${RUN}description=$(echo computed)\nstart() { :; }\nstop() { :; }\n`,
  broken: `${RUN}start() { echo "no such disk" >&2; return 1; }\n`,
  unstoppable: `${RUN}start() { :; }\nstop() { echo "in use" >&2; return 1; }\n`,
  slow: `${RUN}start() { sleep 1000; }\n`,
  'limiquantix-agent': `${RUN}start() { :; }\n`,
};

const guest = existsSync('/sbin/openrc-run')
  ? await bootGuest({
      files: Object.fromEntries(
        Object.entries(SCRIPTS).map(([name, script]) => [`/etc/init.d/${name}`, script]),
      ),
      own: ['/run', '/etc/init.d', '/etc/runlevels'],
      script: [
        'mkdir /run/openrc /etc/runlevels/boot /etc/runlevels/default',
        'echo default > /run/openrc/softlevel',
        'while :; do sleep 1000 & wait; done',
      ].join('\n'),
      ready: ['test', '-e', '/run/openrc/softlevel'],
    })
  : 'openrc is not installed';

const title = typeof guest === 'string' ? `(skipped: ${guest})` : 'that OpenRC runs';

describe.skipIf(typeof guest === 'string')(`services ${title}`, () => {
  const { run } = guest as Guest;
  const { host, hasty, named } = guestServices(guest as Guest);

  describe('a listing', () => {
    it('describes a service that runs', async () => {
      expect(await control(host, 'START', 'web')).toBe('running');
      const { stdout } = await run('cat', ['/run/web.pid'], { timeoutMs: 5000 });
      expect(await named('web', false)).toEqual({
        name: 'web',
        displayName: 'Web server',
        description: 'Sërves the web',
        state: 'running',
        startType: 'disabled',
        pid: Number(stdout),
        memoryBytes: 0,
      });
      expect(Number(stdout)).toBeGreaterThan(1);
      expect(await control(host, 'STOP', 'web')).toBe('stopped');
      expect(await named('web', false)).toBeUndefined();
      expect(await named('web')).toMatchObject({ state: 'stopped', pid: 0 });
    });

    it('knows the process that is supervised, not the one that supervises', async () => {
      expect(await control(host, 'START', 'supervised')).toBe('running');
      const program = async () => {
        const pid = (await named('supervised'))?.pid;
        return (await run('cat', [`/proc/${pid}/comm`], { timeoutMs: 5000 })).stdout;
      };
      await expect.poll(program).toBe('sleep\n');
      expect(await control(host, 'STOP', 'supervised')).toBe('stopped');
    });

    it('makes nothing up', async () => {
      expect(await named('once')).toMatchObject({ displayName: 'once', description: '' });
    });

    it('is sorted, and can be filtered', async () => {
      const names = (await list(host, { includeDisabled: true })).map(({ name }) => name);
      expect(names).toEqual(Object.keys(SCRIPTS).sort());
      const found = await list(host, { includeDisabled: true, filter: 'SËRVES' });
      expect(found.map(({ name }) => name)).toEqual(['web']);
    });
  });

  it('starting, restarting and stopping', async () => {
    expect(await control(host, 'START', 'web')).toBe('running');
    expect(await failure(control(host, 'START', 'web'))).toMatchObject({ code: 7006 });
    const before = (await named('web'))?.pid;
    expect(await control(host, 'RESTART', 'web')).toBe('running');
    expect((await named('web'))?.pid).not.toBe(before);
    expect(await control(host, 'STATUS', 'web')).toBe('running');
    expect(await control(host, 'STOP', 'web')).toBe('stopped');
    expect(await failure(control(host, 'STOP', 'web'))).toMatchObject({ code: 7007 });
    expect(await control(host, 'START', 'once')).toBe('running');
    expect(await control(host, 'STOP', 'once')).toBe('stopped');
  });

  it('enabling and disabling', async () => {
    expect(await control(host, 'ENABLE', 'web')).toBe('stopped');
    expect(await control(host, 'ENABLE', 'web')).toBe('stopped');
    expect(await named('web', false)).toMatchObject({ startType: 'auto', state: 'stopped' });
    await run('rc-update', ['add', 'web', 'boot'], { timeoutMs: 5000 });
    expect(await control(host, 'DISABLE', 'web')).toBe('stopped');
    expect(await control(host, 'DISABLE', 'web')).toBe('stopped');
    expect(await named('web')).toMatchObject({ startType: 'disabled' });
  });

  describe('failing', () => {
    it('to start says why', async () => {
      const error = await failure(control(host, 'START', 'broken'));
      expect(error).toMatchObject({ code: 7004 });
      expect(error.context).toContain('no such disk');
      expect(await control(host, 'STATUS', 'broken')).toBe('stopped');
    });

    it('to stop says why', async () => {
      await control(host, 'START', 'unstoppable');
      const error = await failure(control(host, 'STOP', 'unstoppable'));
      expect(error).toMatchObject({ code: 7005 });
      expect(error.context).toContain('in use');
      expect(await control(host, 'STATUS', 'unstoppable')).toBe('running');
    });

    it('to start in time is given up', async () => {
      const began = performance.now();
      const error = await failure(control(hasty, 'START', 'slow'));
      expect(performance.now() - began).toBeLessThan(8000);
      expect(error).toMatchObject({ code: 7004 });
      expect(error.message).toContain('not done in time');
    });
  });

  it.each(['nothing', 'web.service', 'functions.sh', 'WEB'])('%s finds nothing', async (name) => {
    for (const action of ['START', 'STOP', 'RESTART', 'ENABLE', 'DISABLE', 'STATUS'] as const) {
      expect(await failure(control(host, action, name))).toMatchObject({ code: 7003 });
    }
  });

  it('the agent cannot be asked to end itself', async () => {
    await control(host, 'START', 'limiquantix-agent');
    await control(host, 'ENABLE', 'limiquantix-agent');
    for (const action of ['STOP', 'RESTART', 'DISABLE'] as const) {
      const error = await failure(control(host, action, 'limiquantix-agent'));
      expect(error).toMatchObject({ code: 7005 });
    }
    expect(await named('limiquantix-agent')).toMatchObject({ state: 'running', startType: 'auto' });
  });
});
