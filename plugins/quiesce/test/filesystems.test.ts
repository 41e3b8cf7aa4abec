import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Thaw } from '@limiquantix/plugin-sdk';
import { describe, expect, it } from 'vitest';
import { whyNoMounts, writing } from '../../../test/support/mounts.ts';
import { labForEach, quiesce } from './plugin.ts';

const why = whyNoMounts(['ext4', 'xfs']);
const lab = labForEach();

describe.skipIf(why)(`real filesystems ${why}`, () => {
  it.each(['ext4', 'xfs'] as const)('%s stands still from quiesce to thaw', async (type) => {
    const data = lab.mounts.make(type, 'data');
    const host = await lab.plugin.start();
    const written = await lab.mounts.writersOn(data);
    const begin = performance.now();
    const answer = await quiesce(host, { mountPoints: [data] });
    expect(answer.frozen).toEqual([
      {
        mountPoint: data,
        device: expect.stringMatching(/^\/dev\/loop\d+$/),
        filesystem: type,
        frozen: true,
        error: '',
      },
    ]);
    const answered = performance.now();
    expect(await writing(written)).toEqual([false]);
    const least = performance.now() - answered;
    const thawed = await host.call(Thaw, { quiesceToken: answer.quiesceToken });
    expect(thawed.thawedMountPoints).toEqual([data]);
    expect(thawed.frozenDurationMs).toBeGreaterThanOrEqual(Math.floor(least));
    expect(thawed.frozenDurationMs).toBeLessThanOrEqual(performance.now() - begin);
    expect(await writing(written)).toEqual([true]);
  });

  it('images in images are frozen from the inside out, and all thawed', async () => {
    const outer = lab.mounts.make('xfs', 'outer');
    const inner = lab.mounts.makeInside(outer, 'inner');
    const innermost = lab.mounts.makeInside(inner, 'innermost');
    const written = await lab.mounts.writersOn(outer, inner, innermost);
    const host = await lab.plugin.start();
    const { frozen } = await quiesce(host, { mountPoints: [outer, innermost, inner] });
    expect(frozen.map(({ mountPoint }) => mountPoint)).toEqual([innermost, inner, outer]);
    expect(await writing(written)).toEqual([false, false, false]);
    const { thawedMountPoints } = await host.call(Thaw, {});
    expect(thawedMountPoints.toSorted()).toEqual([outer, inner, innermost].sort());
    expect(await writing(written)).toEqual([true, true, true]);
  });

  it('a device counts once, whatever is mounted of it', async () => {
    const data = lab.mounts.make('ext4', 'data');
    mkdirSync(join(data, 'sub'));
    const bound = lab.mounts.mount('bound', '--bind', join(data, 'sub'));
    const host = await lab.plugin.start();
    const { frozen } = await quiesce(host, { mountPoints: [data, bound] });
    expect(frozen).toHaveLength(1);
    expect((await host.call(Thaw, {})).thawedMountPoints).toHaveLength(1);
  });

  it('mount points may have any name', async () => {
    const strange = ['two words', 'two\nlines', '--help', 'a\\040b', "'$(exit 1)'"];
    const made = strange.map((name) => lab.mounts.make('ext4', name));
    const host = await lab.plugin.start();
    const { frozen } = await quiesce(host, { mountPoints: made });
    expect(frozen.every((row) => row.frozen)).toBe(true);
    const { thawedMountPoints } = await host.call(Thaw, {});
    expect(thawedMountPoints.toSorted()).toEqual(made.sort());
  });

  it('what cannot be frozen is left out, with the reason', async () => {
    const data = lab.mounts.make('ext4', 'data');
    const memory = lab.mounts.mount('memory', '-t', 'tmpfs', 'tmpfs');
    const readOnly = lab.mounts.make('ext4', 'ro', '-o', 'ro');
    const host = await lab.plugin.start();
    const { frozen } = await quiesce(host, { mountPoints: [memory, readOnly, data] });
    expect(Object.fromEntries(frozen.map((row) => [row.mountPoint, row.error]))).toEqual({
      [data]: '',
      [memory]: 'tmpfs is not on a local disk',
      [readOnly]: 'it is read-only',
    });
    expect((await host.call(Thaw, {})).thawedMountPoints).toEqual([data]);
  });

  it('a filesystem stays the same when another is mounted over it meanwhile', async () => {
    const data = lab.mounts.make('ext4', 'data');
    const [written] = await lab.mounts.writersOn(data);
    const host = await lab.plugin.start();
    await quiesce(host, { mountPoints: [data] });
    lab.mounts.mount('data', '-t', 'tmpfs', 'tmpfs');
    expect((await host.call(Thaw, {})).thawedMountPoints).toEqual([data]);
    expect(await written?.writes()).toBe(true);
  });

  it('what somebody else froze is left to them, and the rest thawed', async () => {
    const theirs = lab.mounts.make('ext4', 'theirs');
    const ours = lab.mounts.make('ext4', 'ours');
    const written = await lab.mounts.writersOn(ours, theirs);
    lab.mounts.run('fsfreeze', '-f', theirs);
    const host = await lab.plugin.start();
    await expect(quiesce(host, { mountPoints: [ours, theirs] })).rejects.toMatchObject({
      code: 5005,
      message: expect.stringContaining(`${theirs}" is frozen already, by another program`),
    });
    expect(await writing(written)).toEqual([true, false]);
    await expect(host.call(Thaw, {})).rejects.toMatchObject({ code: 5008 });
  });

  it('nothing is frozen where one path is wrong', async () => {
    const data = lab.mounts.make('ext4', 'data');
    const written = await lab.mounts.writersOn(data);
    const host = await lab.plugin.start();
    for (const path of ['--help', 'data', `${data}/lost+found`, '/no/such', `${data}\n`, '']) {
      await expect(quiesce(host, { mountPoints: [data, path] })).rejects.toMatchObject({
        code: 5005,
        message: expect.stringContaining(JSON.stringify(path)),
      });
    }
    expect(await writing(written)).toEqual([true]);
    expect(existsSync(lab.plugin.stateFile)).toBe(false);
  });
});
