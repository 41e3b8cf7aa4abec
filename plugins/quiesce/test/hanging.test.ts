import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Thaw } from '@limiquantix/plugin-sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { isStuck, type Writer, whyNoMounts, writing } from '../../../test/support/mounts.ts';
import { EARLIER, labForEach, quiesce } from './plugin.ts';

const why = whyNoMounts();
const lab = labForEach();

/** Until one of them waits for the disk. */
const stuck = (pids: () => number[]) => expect.poll(() => pids().some(isStuck)).toBe(true);

describe.skipIf(why)(`a disk that hangs ${why}`, () => {
  let outer: string;
  let inner: string;
  let written: Writer[];
  beforeEach(async () => {
    outer = lab.mounts.make('ext4', 'outer');
    inner = lab.mounts.makeInside(outer, 'inner');
    const data = lab.mounts.make('ext4', 'data');
    written = await lab.mounts.writersOn(inner, data);
    // From now on nothing can be written out of what lies in it.
    lab.mounts.run('fsfreeze', '-f', outer);
    await lab.mounts.writeThrough(inner);
  });

  it('ends the freeze at the time limit; what hangs is thawed when it comes back', async () => {
    const data = join(lab.mounts.dir, 'data');
    const host = await lab.plugin.start();
    const begin = performance.now();
    await expect(
      quiesce(host, { mountPoints: [inner, data], timeoutSeconds: 1 }),
    ).rejects.toMatchObject({
      code: 5005,
      message: expect.stringContaining(`${inner}" was not frozen within 1 s`),
    });
    expect(performance.now() - begin).toBeLessThan(5000);
    await expect.poll(async () => (await writing(written))[1]).toBe(true);
    await expect(quiesce(host, { mountPoints: [data] })).rejects.toMatchObject({ code: 5007 });
    await expect(host.call(Thaw, {})).rejects.toMatchObject({ code: 5008 });
    lab.mounts.run('fsfreeze', '-u', outer);
    await expect.poll(() => writing(written)).toEqual([true, true]);
    await expect.poll(() => existsSync(lab.plugin.stateFile)).toBe(false);
    await quiesce(host, { mountPoints: [data] });
    await host.call(Thaw, {});
  });

  it('does not hold back who cancels', async () => {
    const host = await lab.plugin.start();
    const abort = new AbortController();
    const rejected = expect(quiesce(host, { mountPoints: [inner] }, abort)).rejects.toMatchObject({
      code: 5005,
    });
    await stuck(() => lab.plugin.processes());
    abort.abort();
    await rejected;
    lab.mounts.run('fsfreeze', '-u', outer);
    await expect.poll(() => writing(written)).toEqual([true, true]);
  });

  it('is thawed although its guard was killed in the middle', async () => {
    const host = await lab.plugin.start();
    const rejected = expect(quiesce(host, { mountPoints: [inner] })).rejects.toMatchObject({
      code: 5005,
    });
    await stuck(() => lab.plugin.processes());
    for (const pid of lab.plugin.processes()) process.kill(pid, 'SIGKILL');
    await rejected;
    lab.mounts.run('fsfreeze', '-u', outer);
    await expect.poll(() => existsSync(lab.plugin.stateFile)).toBe(false);
    expect((await writing(written))[0]).toBe(true);
  });

  it('is thawed when agent and guard were killed in the middle', async () => {
    const freezer = spawn('fsfreeze', ['-f', inner], {
      env: { ...process.env, LIMIQUANTIX_FREEZE: EARLIER },
    });
    await stuck(() => [freezer.pid as number]);
    lab.plugin.leaveRecord([inner]);
    const host = await lab.plugin.start();
    await expect(quiesce(host, { mountPoints: [inner] })).rejects.toMatchObject({ code: 5007 });
    freezer.kill('SIGKILL');
    lab.mounts.run('fsfreeze', '-u', outer);
    await expect.poll(() => writing(written)).toEqual([true, true]);
    await expect.poll(() => existsSync(lab.plugin.stateFile)).toBe(false);
  });
});
