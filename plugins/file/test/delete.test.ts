import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { AgentError, ErrorReason, FileDelete } from '@limiquantix/plugin-sdk';
import { describe, expect, it } from 'vitest';
import { code, descriptors, failure, filePlugin, scratch } from './plugin.ts';

const host = filePlugin();
const at = scratch();

const remove = (path: string, recursive = false) => host.call(FileDelete, { path, recursive });

function tree(name: string): string {
  mkdirSync(at(name, 'a', 'b', 'c'), { recursive: true });
  mkdirSync(at(name, 'empty'));
  for (const file of ['x', 'a/x', 'a/.y', 'a/b/c/x']) writeFileSync(at(name, file), 'x');
  return at(name);
}

describe('deleting', () => {
  it('removes a file, whatever its kind', async () => {
    writeFileSync(at('file'), 'x');
    execFileSync('mkfifo', [at('fifo')]);
    for (const name of ['file', 'fifo']) {
      await remove(at(name));
      expect(existsSync(at(name))).toBe(false);
    }
  });

  it('removes a link itself, broken or not, with a slash after it or not', async () => {
    const target = tree('target');
    symlinkSync(target, at('link'));
    symlinkSync(at('nowhere'), at('broken'));
    await remove(`${at('link')}/`, true);
    await remove(at('broken'));
    expect(readdirSync(target)).toHaveLength(3);
    expect(() => lstatSync(at('link'))).toThrow();
    expect(() => lstatSync(at('broken'))).toThrow();
  });

  it('removes an empty directory, and no other unless it is told to', async () => {
    mkdirSync(at('empty'));
    await remove(at('empty'));
    expect(existsSync(at('empty'))).toBe(false);
    const error = await failure(remove(tree('full')));
    expect(error).toMatchObject({
      code: 4013,
      reason: ErrorReason.CONFLICT,
      resolution: expect.stringContaining('recursive'),
    });
    expect(existsSync(at('full', 'a', 'b', 'c', 'x'))).toBe(true);
  });

  it('says what is missing', async () => {
    expect(await code(remove(at('missing')))).toBe(4001);
    expect(await code(remove(at('missing'), true))).toBe(4001);
    expect(await code(remove(at('missing', 'x')))).toBe(4001);
    expect(await code(remove('/etc/passwd/x'))).toBe(4005);
  });

  it('refuses the root and mount points', async () => {
    for (const path of ['/', '//', '/.', '/./', '/proc', '/sys', '/dev']) {
      expect([path, await code(remove(path, true))]).toEqual([path, 4013]);
    }
    symlinkSync('/', at('root'));
    expect(await code(remove(at('root', 'proc'), true))).toBe(4013);
    expect(existsSync('/proc/self')).toBe(true);
  });
});

describe('deleting recursively', () => {
  it('removes everything below', async () => {
    await remove(tree('all'), true);
    expect(existsSync(at('all'))).toBe(false);
  });

  it('does not follow links out of the tree', async () => {
    const outside = tree('outside');
    const inside = tree('inside');
    symlinkSync(outside, at('inside', 'a', 'directory'));
    symlinkSync(at('outside', 'x'), at('inside', 'a', 'file'));
    symlinkSync('..', at('inside', 'a', 'b', 'up'));
    const before = execFileSync('find', [outside], { encoding: 'utf8' });
    await remove(inside, true);
    expect(existsSync(inside)).toBe(false);
    expect(execFileSync('find', [outside], { encoding: 'utf8' })).toBe(before);
  });

  it('removes names that are not UTF-8', async () => {
    mkdirSync(at('bytes'));
    const strange = (directory: string | Buffer) =>
      Buffer.concat([Buffer.from(directory), Buffer.from('/\xff\xfe', 'latin1')]);
    mkdirSync(strange(at('bytes')));
    writeFileSync(strange(strange(at('bytes'))), 'x');
    await remove(at('bytes'), true);
    expect(existsSync(at('bytes'))).toBe(false);
  });

  it('removes a tree that is deeper than any path, with few descriptors', async () => {
    mkdirSync(at('deep'));
    // 12,000 bytes of path, three times what the kernel takes in one.
    const dig = `const name = 'd'.repeat(200);
      for (let i = 0; i < 60; i++) { fs.mkdirSync(name); process.chdir(name); }`;
    execFileSync(process.execPath, ['-e', dig], { cwd: at('deep') });
    const before = descriptors();
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, descriptors())), 1);
    await remove(at('deep'), true);
    clearInterval(watch);
    expect(existsSync(at('deep'))).toBe(false);
    expect(most - before).toBeLessThan(10);
  });

  it('removes more subdirectories than it remembers at once, and many files', async () => {
    mkdirSync(at('wide'));
    for (let i = 0; i < 1100; i++) mkdirSync(at('wide', `directory-${i}`));
    for (let i = 0; i < 600; i++) writeFileSync(at('wide', `file-${i}`), '');
    await remove(at('wide'), true);
    expect(existsSync(at('wide'))).toBe(false);
  });

  it('names the entry that it failed at', async () => {
    const path = tree('stuck');
    const stuck = at('stuck', 'a', 'b', 'c', 'x');
    execFileSync('chattr', ['+i', stuck]);
    const error = await failure(remove(path, true));
    execFileSync('chattr', ['-i', stuck]);
    expect([error.code, error.message]).toEqual([4002, expect.stringContaining(stuck)]);
    expect(error.resolution).toContain('lsattr');
    await remove(path, true);
  });

  it('stops when it is cancelled', async () => {
    const path = tree('cancelled');
    const controller = new AbortController();
    const call = host.call(FileDelete, { path, recursive: true }, { signal: controller.signal });
    controller.abort(new AgentError('EXECUTION_TIMEOUT'));
    expect(await code(call)).toBe(3003);
    expect(existsSync(path)).toBe(true);
  });

  it('of the same tree by two hosts ends with the tree gone', async () => {
    const path = tree('twice');
    await Promise.allSettled([remove(path, true), remove(path, true)]);
    if (existsSync(path)) await remove(path, true);
    expect(existsSync(path)).toBe(false);
  });
});
