import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool, ToolMissing } from '@limiquantix/plugin-sdk/guest';
import { afterAll, describe, expect, it } from 'vitest';
import { findManager } from '../src/linux/find-manager.ts';
import { OpenRc } from '../src/linux/openrc/openrc.ts';
import { ownUnits } from '../src/linux/own-units.ts';
import { Systemd } from '../src/linux/systemd/systemd.ts';
import { control, failure, list, serviceHost } from './plugin.ts';

const directory = mkdtempSync(join(tmpdir(), 'guest-kind-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A guest that has these directories. */
function root(name: string, ...paths: string[]): string {
  const path = join(directory, name);
  mkdirSync(path);
  for (const each of paths) mkdirSync(join(path, each), { recursive: true });
  return path;
}

describe('the service manager', () => {
  it('is what runs the guest, not what is installed', () => {
    const both = root('both', 'run/systemd/system', 'run/openrc/softlevel');
    expect(findManager(runTool, both)).toBeInstanceOf(Systemd);
    expect(
      findManager(runTool, root('openrc', 'run/openrc/softlevel', 'run/systemd')),
    ).toBeInstanceOf(OpenRc);
  });

  it('is missed where there is none', async () => {
    const bare = root('bare', 'run/systemd', 'run/openrc');
    const host = await serviceHost(() => findManager(runTool, bare));
    expect(await failure(list(host))).toMatchObject({ code: 7008 });
    const error = await failure(control(host, 'STATUS', 'web'));
    expect(error).toMatchObject({ code: 7008 });
    expect(error.message).toContain('neither systemd nor OpenRC');
  });

  it('is missed where its programs are', async () => {
    const run = async (program: string) => {
      throw new ToolMissing(program);
    };
    for (const manager of [new Systemd(run), new OpenRc(run, '')]) {
      const host = await serviceHost(() => manager);
      expect(await failure(list(host))).toMatchObject({ code: 7008 });
      expect(await failure(control(host, 'STATUS', 'web'))).toMatchObject({ code: 7008 });
    }
  });
});

describe('the agent’s own units', () => {
  it.each([
    ['0::/system.slice/limiquantix-agent.service\n', []],
    ['0::/system.slice/qxga.service/supervised\n', ['qxga.service']],
    ['4:memory:/\n1:name=systemd:/system.slice/guest.service\n0::/\n', ['guest.service']],
    [
      '0::/user.slice/user-0.slice/user@0.service/app.slice/agent.service\n',
      ['user@0.service', 'agent.service'],
    ],
    ['0::/\n', []],
  ])('of %j', (cgroups, others) => {
    const path = join(directory, 'cgroup');
    writeFileSync(path, cgroups);
    expect([...ownUnits(path)]).toEqual(['limiquantix-agent.service', ...others]);
  });
});
