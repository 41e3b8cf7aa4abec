import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Thaw } from '@limiquantix/plugin-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { whyNoMounts, writing } from '../../../test/support/mounts.ts';
import { labForEach, quiesce } from './plugin.ts';

const why = whyNoMounts();
const lab = labForEach();

describe.skipIf(why)(`scripts and the freeze ${why}`, () => {
  let data: string;
  let dirs: { pre_freeze_script_dir: string; post_thaw_script_dir: string };
  beforeEach(() => {
    data = lab.mounts.make('ext4', 'data');
    const [pre, post] = ['pre', 'post'].map((name) => {
      const dir = join(lab.plugin.dir, name);
      mkdirSync(dir);
      return dir;
    });
    dirs = { pre_freeze_script_dir: pre as string, post_thaw_script_dir: post as string };
    script(dirs.pre_freeze_script_dir, '10-pre');
    script(dirs.post_thaw_script_dir, '10-post');
    script(dirs.post_thaw_script_dir, '20-begun');
  });

  function script(dir: string, name: string, body = ''): void {
    const path = join(dir, name);
    // Writing to the filesystem shows that it is not frozen then.
    writeFileSync(
      path,
      `#!/bin/sh\n${body}\necho ${name} $1 | tee -a ${data}/x >>${lab.plugin.dir}/ran\n`,
    );
    chmodSync(path, 0o755);
  }
  const ran = () => {
    const file = join(lab.plugin.dir, 'ran');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };
  const ALL = ['10-pre freeze', '20-begun thaw', '10-post thaw'];

  it('run before the freeze and after the thaw', async () => {
    const host = await lab.plugin.start(dirs);
    await quiesce(host, { mountPoints: [data] });
    expect(ran()).toEqual(['10-pre freeze']);
    await host.call(Thaw, {});
    expect(ran()).toEqual(ALL);
  });

  it('run with the last of partial thaws', async () => {
    const other = lab.mounts.make('ext4', 'other');
    const host = await lab.plugin.start(dirs);
    await quiesce(host, { mountPoints: [data, other] });
    await host.call(Thaw, { mountPoints: [data] });
    expect(ran()).toEqual(['10-pre freeze']);
    await host.call(Thaw, { mountPoints: [other] });
    expect(ran()).toEqual(ALL);
  });

  it('are skipped by quiesce for the whole freeze, by thaw for its part', async () => {
    const host = await lab.plugin.start(dirs);
    await quiesce(host, { mountPoints: [data], skipScripts: true });
    await host.call(Thaw, {});
    expect(ran()).toEqual([]);
    await quiesce(host, { mountPoints: [data] });
    await host.call(Thaw, { skipScripts: true });
    expect(ran()).toEqual(['10-pre freeze']);
  });

  it('run when a thaw that was to skip them failed, and the freeze ends by itself', async () => {
    const host = await lab.plugin.start(dirs);
    await quiesce(host, { mountPoints: [data], timeoutSeconds: 3 });
    const wrong = { mountPoints: ['/no/such'], skipScripts: true };
    await expect(host.call(Thaw, wrong)).rejects.toMatchObject({ code: 5006 });
    await expect.poll(ran).toEqual(ALL);
  });

  it('one that fails stops the freeze; what comes after a thaw comes nevertheless', async () => {
    script(dirs.pre_freeze_script_dir, '20-fails', 'echo no backup today; exit 1');
    const host = await lab.plugin.start(dirs);
    await expect(quiesce(host, { mountPoints: [data] })).rejects.toMatchObject({
      code: 5005,
      message: expect.stringContaining('"20-fails" ended with exit code 1'),
      context: expect.stringContaining('no backup today'),
    });
    expect(ran()).toEqual(ALL);
    await expect(host.call(Thaw, {})).rejects.toMatchObject({ code: 5008 });
    expect(ran()).toEqual(ALL);
  });

  it('one that runs when the agent stops is killed; what comes after a thaw comes nevertheless', async () => {
    script(dirs.pre_freeze_script_dir, '20-long', `touch ${lab.plugin.dir}/begun; sleep 1000`);
    const host = await lab.plugin.start(dirs);
    const rejected = expect(quiesce(host, { mountPoints: [data] })).rejects.toMatchObject({
      code: 5005,
      message: expect.stringContaining('the agent stops'),
    });
    await expect.poll(() => existsSync(join(lab.plugin.dir, 'begun'))).toBe(true);
    await host.hooks.stopping.promise();
    await rejected;
    await expect.poll(ran).toEqual(ALL);
  });

  it('that take longer than the agent has to stop are left to the next', async () => {
    const host = await lab.plugin.start(dirs);
    script(dirs.post_thaw_script_dir, '30-long', 'sleep 1');
    await quiesce(host, { mountPoints: [data] });
    await host.hooks.stopping.promise();
    expect(existsSync(lab.plugin.stateFile)).toBe(true);
    await lab.plugin.start(dirs);
    await expect.poll(() => existsSync(lab.plugin.stateFile)).toBe(false);
    // Which of the two began the long one depends on how soon the first had thawed.
    const each = ['10-post thaw', '10-pre freeze', '20-begun thaw', '30-long thaw'];
    await expect.poll(() => ran().toSorted()).toEqual(each);
  });

  it('run once when the freeze ended by itself', async () => {
    const host = await lab.plugin.start(dirs);
    await quiesce(host, { mountPoints: [data], timeoutSeconds: 3 });
    await expect.poll(ran).toEqual(ALL);
    await expect(host.call(Thaw, {})).rejects.toMatchObject({ code: 5008 });
    expect(ran()).toEqual(ALL);
  });

  it('run once when a later filesystem could not be frozen', async () => {
    const theirs = lab.mounts.make('ext4', 'theirs');
    lab.mounts.run('fsfreeze', '-f', theirs);
    const host = await lab.plugin.start(dirs);
    const both = quiesce(host, { mountPoints: [data, theirs] });
    await expect(both).rejects.toMatchObject({ code: 5005 });
    expect(ran()).toEqual(ALL);
  });

  it('run when the agent is started again, save those that were begun', async () => {
    lab.mounts.run('fsfreeze', '-f', data);
    lab.plugin.leaveRecord([data]);
    const host = await lab.plugin.start(dirs);
    expect(await writing(await lab.mounts.writersOn(data))).toEqual([true]);
    await expect.poll(() => existsSync(lab.plugin.stateFile)).toBe(false);
    expect(ran()).toEqual(['10-post thaw']);
    await expect(host.call(Thaw, {})).rejects.toMatchObject({
      code: 5008,
      message: expect.stringContaining('thawed when the agent was started again'),
    });
  });

  it('a record of another boot is no reason to thaw anything', async () => {
    lab.mounts.run('fsfreeze', '-f', data);
    lab.plugin.leaveRecord([data], '00000000-0000-0000-0000-000000000000');
    await lab.plugin.start(dirs);
    expect(existsSync(lab.plugin.stateFile)).toBe(false);
    expect(ran()).toEqual([]);
    // Still frozen: this is who froze it.
    lab.mounts.run('fsfreeze', '-u', data);
  });
});
