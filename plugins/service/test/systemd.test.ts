import { ServiceAction, ServiceControl } from '@limiquantix/plugin-sdk';
import { describe, expect, it } from 'vitest';
import { findManager } from '../src/linux/find-manager.ts';
import { bootGuest, type Guest } from './guest.ts';
import { control, failure, guestServices, list, serviceHost } from './plugin.ts';

const SLEEP = 'ExecStart=/bin/sleep 1000';
const INSTALL = '[Install]\nWantedBy=test.target';
const target = '[Unit]\nDefaultDependencies=no\n';

/** Units by their names. */
const UNITS: Readonly<Record<string, string>> = {
  'test.target': target,
  'sysinit.target': target,
  'basic.target': target,
  'shutdown.target': target,
  'web.service': `[Unit]\nDescription=Web sërver – "x" = 1\n[Service]\n${SLEEP}\n${INSTALL}\nAlias=www.service\n`,
  'plain.service': `[Service]\n${SLEEP}\n`,
  'escaped\\x2dname:1.service': `[Service]\n${SLEEP}\n`,
  'once.service': `[Unit]\nDescription=Runs once\n[Service]\nType=oneshot\nExecStart=/bin/true\n${INSTALL}\n`,
  'stays.service': '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n',
  'fails.service': '[Service]\nType=oneshot\nExecStart=/bin/sh -c "exit 7"\n',
  'missing-program.service': '[Service]\nExecStart=/no/such/program\n',
  'dies.service': '[Service]\nExecStart=/bin/sh -c "sleep 0.02; exit 1"\n',
  'loops.service':
    '[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=600\n',
  'never-ready.service': `[Service]\nType=notify\n${SLEEP}\nTimeoutStartSec=300\n`,
  'stubborn.service': `[Service]\n${SLEEP}\nKillSignal=SIGCONT\nTimeoutStopSec=5\n`,
  'many@.service': `[Unit]\nDescription=One of many\n[Service]\n${SLEEP}\n${INSTALL}\nDefaultInstance=main\n`,
  'bad.service': '[Service]\nExecStart=relative/path\n',
  'limiquantix-agent.service': `[Service]\n${SLEEP}\n${INSTALL}\nAlias=qxga.service\n`,
};

const guest = await bootGuest({
  files: Object.fromEntries(
    Object.entries(UNITS).map(([name, unit]) => [`/etc/systemd/system/${name}`, unit]),
  ),
  own: ['/run', '/etc/systemd'],
  script: [
    'ln -s /dev/null /etc/systemd/system/masked.service',
    'mkdir /run/generators',
    'exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin ' +
      'SYSTEMD_UNIT_PATH=/etc/systemd/system:/run/systemd/transient SYSTEMD_GENERATOR_PATH=/run/generators ' +
      '/lib/systemd/systemd --system --unit=test.target --show-status=0 --log-target=null',
  ].join('\n'),
  ready: ['systemctl', 'is-active', '--', 'test.target'],
});

const title = typeof guest === 'string' ? `(skipped: ${guest})` : 'that systemd runs';

describe.skipIf(typeof guest === 'string')(`services ${title}`, () => {
  const { run, root } = guest as Guest;
  const { host, hasty, named } = guestServices(guest as Guest);
  const systemctl = (...args: string[]) => run('systemctl', args, { timeoutMs: 10_000 });

  describe('a listing', () => {
    it('describes a service that runs', async () => {
      expect(await control(host, 'START', 'web')).toBe('running');
      const { stdout } = await systemctl('show', '--value', '--property=MainPID', 'web');
      expect(await named('web.service', false)).toEqual({
        name: 'web.service',
        displayName: 'Web sërver – "x" = 1',
        description: 'Web sërver – "x" = 1',
        state: 'running',
        startType: 'disabled',
        pid: Number(stdout),
        memoryBytes: expect.any(Number),
      });
      expect(await control(host, 'STOP', 'web')).toBe('stopped');
      expect(await named('web.service', false)).toBeUndefined();
    });

    it('has what is installed and not loaded when asked for', async () => {
      expect(await named('once.service', false)).toBeUndefined();
      expect(await named('once.service')).toMatchObject({
        displayName: 'once.service',
        state: 'stopped',
        startType: 'disabled',
        pid: 0,
      });
      expect(await named('plain.service')).toMatchObject({ startType: 'manual' });
      expect(await named('many@.service')).toMatchObject({ state: 'stopped' });
      expect(await named('masked.service')).toMatchObject({ startType: 'disabled' });
    });

    it('has each service once, sorted, and no names without a unit', async () => {
      await control(host, 'ENABLE', 'web');
      await systemctl('daemon-reload');
      for (const started of [false, true]) {
        if (started) await control(host, 'START', 'web');
        const names = (await list(host, { includeDisabled: true })).map(({ name }) => name);
        expect(names).toEqual([...new Set(names)].sort());
        expect(names).toContain('web.service');
        expect(names).not.toContain('www.service');
        expect(names).not.toContain('nothing.service');
      }
      await control(host, 'DISABLE', 'web');
      await control(host, 'STOP', 'web');
    });

    it('finds names and descriptions, whatever their case', async () => {
      await control(host, 'START', 'web');
      const found = async (filter: string) => (await list(host, { filter })).map((s) => s.name);
      expect(await found('SËRVER')).toEqual(['web.service']);
      expect(await found('WEB.serv')).toEqual(['web.service']);
      expect(await found('nothing like that')).toEqual([]);
      await control(host, 'STOP', 'web');
    });
  });

  describe('starting', () => {
    it('says that it runs already', async () => {
      await control(host, 'START', 'plain.service');
      expect(await failure(control(host, 'START', 'plain'))).toMatchObject({ code: 7006 });
      expect(await control(host, 'STATUS', 'plain')).toBe('running');
      await control(host, 'STOP', 'plain');
    });

    it('of what runs once leaves it stopped', async () => {
      expect(await control(host, 'START', 'once')).toBe('stopped');
    });

    it('of what stays in force without a process leaves it running', async () => {
      expect(await control(host, 'START', 'stays')).toBe('running');
      expect(await named('stays.service', false)).toMatchObject({ state: 'running', pid: 0 });
      expect(await failure(control(host, 'START', 'stays'))).toMatchObject({ code: 7006 });
      expect(await control(host, 'STOP', 'stays')).toBe('stopped');
    });

    it.each([
      ['fails', 'failed', /exited with error code/, /status=7/],
      ['missing-program', 'failed', /failed/, /203\/EXEC/],
      ['dies', 'failed', /failed/, /status=1/],
      ['loops', 'starting', /starting/, /auto-restart/],
      ['masked', 'stopped', /masked/, /masked/],
      ['bad', 'stopped', /bad unit file setting/, /bad-setting/],
    ])('of %s fails and says why', async (name, state, why, context) => {
      const error = await failure(control(host, 'START', name));
      expect(error).toMatchObject({ code: 7004 });
      expect(error.message).toMatch(why);
      expect(error.context).toMatch(context);
      expect(error.context?.length).toBeLessThanOrEqual(2000);
      expect(await control(host, 'STATUS', name)).toBe(state);
    });

    it('of what is never ready is given up in time', async () => {
      const began = performance.now();
      const error = await failure(control(hasty, 'START', 'never-ready'));
      expect(performance.now() - began).toBeLessThan(8000);
      expect(error).toMatchObject({ code: 7004 });
      expect(error.message).toContain('not done');
      expect(await control(host, 'STATUS', 'never-ready')).toBe('starting');
      expect(await named('never-ready.service', false)).toMatchObject({ state: 'starting' });
      expect(await control(host, 'STOP', 'never-ready')).toBe('stopped');
    });

    it('is given up when the host cancels', async () => {
      const abort = new AbortController();
      const request = { name: 'never-ready', action: ServiceAction.START };
      const call = host.call(ServiceControl, request, { signal: abort.signal });
      const given = expect(call).rejects.toThrow('aborted');
      await expect.poll(() => control(host, 'STATUS', 'never-ready')).toBe('starting');
      abort.abort();
      await given;
      await control(host, 'STOP', 'never-ready');
    });
  });

  describe('stopping', () => {
    it.each(['plain', 'once.service', 'fails', 'masked'])(
      'says that %s does not run',
      async (name) => {
        expect(await failure(control(host, 'STOP', name))).toMatchObject({ code: 7007 });
      },
    );

    it('that takes too long is given up, and is seen through', async () => {
      await control(host, 'START', 'stubborn');
      const error = await failure(control(hasty, 'STOP', 'stubborn'));
      expect(error).toMatchObject({ code: 7005 });
      expect(await control(host, 'STATUS', 'stubborn')).toBe('stopping');
      // It joins what goes on; systemd kills the service in the end.
      expect(await control(host, 'STOP', 'stubborn')).toBe('failed');
    });

    it('ends a service that starts again and again', async () => {
      expect(await control(host, 'STATUS', 'loops')).toBe('starting');
      expect(await control(host, 'STOP', 'loops')).toBe('stopped');
    });

    it('of one that exists only while it runs leaves it stopped', async () => {
      await run('systemd-run', ['--unit=passing', 'sleep', '1000'], { timeoutMs: 5000 });
      expect(await named('passing.service', false)).toMatchObject({ startType: 'manual' });
      expect(await control(host, 'STOP', 'passing')).toBe('stopped');
      expect(await failure(control(host, 'STATUS', 'passing'))).toMatchObject({ code: 7003 });
    });
  });

  it('restarting gives it another process, and starts what was stopped', async () => {
    expect(await control(host, 'RESTART', 'web')).toBe('running');
    const before = (await named('web.service'))?.pid;
    expect(await control(host, 'RESTART', 'web')).toBe('running');
    expect((await named('web.service'))?.pid).not.toBe(before);
    await control(host, 'STOP', 'web');
    expect(await failure(control(host, 'RESTART', 'fails'))).toMatchObject({ code: 7004 });
  });

  describe('enabling and disabling', () => {
    it('change the start type and nothing else', async () => {
      expect(await control(host, 'ENABLE', 'web')).toBe('stopped');
      expect(await named('web.service')).toMatchObject({ startType: 'auto', state: 'stopped' });
      await control(host, 'START', 'web');
      expect(await control(host, 'DISABLE', 'web')).toBe('running');
      expect(await named('web.service')).toMatchObject({ startType: 'disabled' });
      await control(host, 'STOP', 'web');
    });

    it.each([
      ['ENABLE', 'plain', 7004, 'static'],
      ['DISABLE', 'plain', 7005, 'static'],
      ['ENABLE', 'masked', 7004, 'masked'],
    ] as const)('%s of %s fails and says why', async (action, name, code, why) => {
      const error = await failure(control(host, action, name));
      expect(error).toMatchObject({ code });
      expect(error.message).toContain(why);
    });

    it('take a template', async () => {
      expect(await control(host, 'ENABLE', 'many@')).toBe('stopped');
      expect(await named('many@.service')).toMatchObject({ startType: 'auto' });
      expect(await control(host, 'DISABLE', 'many@.service')).toBe('stopped');
      expect(await named('many@.service')).toMatchObject({ startType: 'disabled' });
    });
  });

  describe('a name', () => {
    it('may be an instance of a template', async () => {
      expect(await control(host, 'START', 'many@two')).toBe('running');
      expect(await named('many@two.service', false)).toMatchObject({
        description: 'One of many',
        state: 'running',
      });
      expect(await control(host, 'STOP', 'many@two.service')).toBe('stopped');
    });

    it('may hold what systemd escapes', async () => {
      expect(await control(host, 'START', 'escaped\\x2dname:1')).toBe('running');
      expect(await control(host, 'STOP', 'escaped\\x2dname:1.service')).toBe('stopped');
    });

    it('may be another name of a service', async () => {
      await control(host, 'ENABLE', 'web');
      expect(await control(host, 'START', 'www')).toBe('running');
      expect(await control(host, 'STATUS', 'web')).toBe('running');
      expect(await control(host, 'STOP', 'www')).toBe('stopped');
      await control(host, 'DISABLE', 'web');
    });

    it.each(['START', 'STOP', 'RESTART'] as const)(
      'of a template is none for %s',
      async (action) => {
        const error = await failure(control(host, action, 'many@'));
        expect(error).toMatchObject({ code: 7003 });
        expect(error.resolution).toContain('many@name.service');
      },
    );

    it.each(['nothing', 'nothing@', 'nothing@x', 'test.target', 'WEB', 'web.service.service'])(
      'like %s finds nothing',
      async (name) => {
        for (const action of ['START', 'STOP', 'RESTART', 'ENABLE', 'DISABLE', 'STATUS'] as const) {
          expect(await failure(control(host, action, name))).toMatchObject({ code: 7003 });
        }
      },
    );
  });

  describe('the agent', () => {
    it('cannot be asked to end itself, by no name', async () => {
      await control(host, 'ENABLE', 'limiquantix-agent');
      await control(host, 'START', 'limiquantix-agent');
      for (const name of ['limiquantix-agent', 'limiquantix-agent.service', 'qxga']) {
        for (const action of ['STOP', 'RESTART', 'DISABLE'] as const) {
          expect(await failure(control(host, action, name))).toMatchObject({ code: 7005 });
        }
      }
      expect(await control(host, 'STATUS', 'qxga')).toBe('running');
      expect(await named('limiquantix-agent.service')).toMatchObject({ startType: 'auto' });
    });
  });

  it('an action that does not exist is refused', async () => {
    const call = host.call(ServiceControl, { name: 'web', action: 6 });
    expect(await failure(call)).toMatchObject({ code: 2001 });
  });

  it('a listing says what is wrong when systemd does not answer', async () => {
    const broken = await serviceHost(() =>
      findManager(
        (program, args, options) => run(program, ['--host=nowhere', ...args], options),
        root,
      ),
    );
    const error = await failure(list(broken));
    expect(error).toMatchObject({ code: 9003 });
    expect(error.message).toContain('systemctl show');
    expect(error.context).toBeTruthy();
  });
});
