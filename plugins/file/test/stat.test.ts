import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { FileStat, timestampMs } from '@limiquantix/plugin-sdk';
import { describe, expect, it } from 'vitest';
import { code, filePlugin, scratch } from './plugin.ts';

const host = filePlugin();
const at = scratch();

const stat = async (path: string) => (await host.call(FileStat, { path })).entry;

describe('the description', () => {
  it('of a file', async () => {
    writeFileSync(at('file'), 'hello');
    chmodSync(at('file'), 0o4750);
    const entry = await stat(at('file'));
    expect(entry).toMatchObject({
      name: 'file',
      path: at('file'),
      isDirectory: false,
      isSymlink: false,
      symlinkTarget: '',
      sizeBytes: 5,
      mode: 0o4750,
      owner: 'root',
      group: 'root',
    });
    const { mtimeMs, birthtimeMs } = statSync(at('file'));
    expect(entry?.modifiedAt && timestampMs(entry.modifiedAt)).toBeCloseTo(mtimeMs, 2);
    expect(entry?.createdAt && timestampMs(entry.createdAt)).toBeCloseTo(birthtimeMs, 2);
  });

  it('of a directory, and of the root', async () => {
    mkdirSync(at('directory'));
    expect(await stat(`${at('directory')}/`)).toMatchObject({
      name: 'directory',
      path: at('directory'),
      isDirectory: true,
    });
    expect(await stat('/')).toMatchObject({ name: '/', path: '/', isDirectory: true });
  });

  it('of a link is its own, broken or not', async () => {
    mkdirSync(at('target'));
    symlinkSync('target', at('link'));
    symlinkSync('/nowhere/at all', at('broken'));
    expect(await stat(at('link'))).toMatchObject({
      isSymlink: true,
      isDirectory: false,
      symlinkTarget: 'target',
      sizeBytes: 6,
    });
    expect(await stat(at('broken'))).toMatchObject({ symlinkTarget: '/nowhere/at all' });
  });

  it('has no time of creation where the filesystem keeps none', async () => {
    expect((await stat('/proc/version'))?.createdAt).toBeUndefined();
  });

  it('has the number of an owner that nobody knows', async () => {
    writeFileSync(at('foreign'), '');
    chownSync(at('foreign'), 4_000_000_001, 4_000_000_002);
    expect(await stat(at('foreign'))).toMatchObject({ owner: '4000000001', group: '4000000002' });
  });

  it('keeps times to the nanosecond', async () => {
    writeFileSync(at('times'), '');
    const { mtimeNs } = statSync(at('times'), { bigint: true });
    const { seconds, nanos } = (await stat(at('times')))?.modifiedAt ?? { seconds: 0, nanos: 0 };
    expect(BigInt(seconds) * 1_000_000_000n + BigInt(nanos)).toBe(mtimeNs);
  });

  it('of what is missing is an error', async () => {
    expect(await code(stat(at('missing')))).toBe(4001);
    expect(await code(stat(at('missing', 'below')))).toBe(4001);
    expect(await code(stat('/etc/passwd/x'))).toBe(4005);
    expect(await code(stat(''))).toBe(4007);
  });
});
