import type { RunTool } from '@limiquantix/plugin-sdk/guest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpenRc } from '../src/linux/openrc/openrc.ts';
import { Systemd } from '../src/linux/systemd/systemd.ts';
import { control, failure, serviceHost } from './plugin.ts';

const ACTIONS = ['START', 'STOP', 'RESTART', 'ENABLE', 'DISABLE', 'STATUS'] as const;

/** Runs nothing. */
const spawned: (readonly string[])[] = [];
const never: RunTool = async (program, args) => {
  spawned.push([program, ...args]);
  throw new Error(`${program} was run`);
};

const managers = { systemd: () => new Systemd(never), OpenRC: () => new OpenRc(never, '') };

const WRONG = [
  '-H x',
  '-Hevil',
  '--help',
  '--host=evil',
  '../x',
  '../../etc/passwd',
  '..',
  '.',
  '.hidden',
  '/etc/init.d/x',
  'a/b',
  'a;b',
  'a b',
  'a|b',
  'a&b',
  '$(id)',
  '`id`',
  '*',
  'a*',
  '?',
  '[a]',
  '{a,b}',
  'a\nb',
  'a\n',
  '\n',
  'a\rb',
  'a\tb',
  'a\0b',
  '',
  ' ',
  'a"b',
  "a'b",
  'ä',
  'a,b',
  'a=b',
  'a%b',
  '~',
  '!a',
  '\u2028',
  'a'.repeat(256),
];

describe.each(Object.keys(managers) as (keyof typeof managers)[])('%s', (which) => {
  it.each(WRONG)('is never told the name %j', async (name) => {
    const host = await serviceHost(managers[which]);
    for (const action of ACTIONS) {
      const error = await failure(control(host, action, name));
      expect(error).toMatchObject({ code: 7003 });
      expect(error.message.length).toBeLessThan(400);
    }
    expect(spawned).toEqual([]);
  });

  it('is only told names that can be no option, path or pattern', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        try {
          const full = managers[which]().fullName(name);
          expect(full).toMatch(/^[A-Za-z0-9:_@\\][A-Za-z0-9:_.@\\-]{0,254}$/);
        } catch (error) {
          expect(error).toMatchObject({ name: 'SERVICE_NOT_FOUND' });
        }
      }),
    );
  });
});

describe('systemd', () => {
  it('is told a name as a unit of its own kind, behind everything that is an option', async () => {
    const seen: (readonly string[])[] = [];
    const run: RunTool = async (_program, args) => {
      seen.push(args);
      const stdout = 'Id=a.timer.service\nLoadState=loaded\nActiveState=inactive\n';
      const result = { exitCode: 0, signal: undefined, stderr: '', truncated: false };
      return { ...result, stdout, timedOut: false };
    };
    const host = await serviceHost(() => new Systemd(run));
    await control(host, 'STATUS', 'a.timer');
    await failure(control(host, 'STOP', 'a.timer'));
    await control(host, 'START', 'a.timer');
    expect(seen.length).toBeGreaterThan(3);
    for (const args of seen) expect(args.slice(-2)).toEqual(['--', 'a.timer.service']);
  });

  it('has no name that is nothing but a suffix', () => {
    const systemd = new Systemd(never);
    expect(() => systemd.fullName('@')).toThrow('not the name of a service');
    expect(() => systemd.fullName('@x.service')).toThrow('not the name of a service');
    expect(() => systemd.fullName('a'.repeat(248))).toThrow('not the name of a service');
    expect(systemd.fullName('a'.repeat(247))).toHaveLength(255);
  });
});
