import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { CreateDirectory, type CreateDirectoryRequest, type Init } from '@limiquantix/plugin-sdk';
import { describe, expect, it } from 'vitest';
import { code, failure, filePlugin, scratch } from './plugin.ts';

const host = filePlugin();
const at = scratch();

const create = (path: string, rest: Init<CreateDirectoryRequest> = {}) =>
  host.call(CreateDirectory, { path, ...rest });
const mode = (path: string) => statSync(path).mode & 0o7777;

describe('a new directory', () => {
  it('has exactly the mode that was asked for, else 0755, whatever the umask', async () => {
    const before = process.umask(0o077);
    await create(at('default'));
    await create(at('open'), { mode: 0o1777 });
    await create(at('closed'), { mode: 0 });
    process.umask(before);
    expect(['default', 'open', 'closed'].map((name) => mode(at(name)))).toEqual([0o755, 0o1777, 0]);
  });

  it("keeps its parent's group if the parent says so", async () => {
    mkdirSync(at('shared'));
    chmodSync(at('shared'), 0o2775);
    await create(at('shared', 'below'));
    expect(mode(at('shared', 'below'))).toBe(0o2755);
  });

  it('can have its parents made', async () => {
    await create(at('a', 'b', 'c'), { createParents: true, mode: 0o700 });
    expect(['a', 'a/b', 'a/b/c'].map((name) => mode(at(name)))).toEqual([0o755, 0o755, 0o700]);
  });

  it('needs its parent otherwise', async () => {
    expect(await code(create(at('x', 'y')))).toBe(4004);
    writeFileSync(at('leaf'), '');
    expect(await code(create(at('leaf', 'y')))).toBe(4005);
    expect(await code(create(at('leaf', 'y', 'z'), { createParents: true }))).toBe(4005);
  });

  it('can be asked for by many at once', async () => {
    const deep = at('many', 'at', 'once');
    await Promise.all(Array.from({ length: 8 }, () => create(deep, { createParents: true })));
    expect(statSync(deep).isDirectory()).toBe(true);
  });
});

describe('a path that exists', () => {
  it('is an error', async () => {
    mkdirSync(at('there'));
    const error = await failure(create(at('there')));
    expect([error.code, error.resolution]).toEqual([
      4003,
      expect.stringContaining('create_parents'),
    ]);
    expect(await code(create('/'))).toBe(4003);
  });

  it('is fine with create_parents where it is a directory, which is left as it is', async () => {
    mkdirSync(at('kept'), { mode: 0o750 });
    symlinkSync('kept', at('link'));
    for (const path of [at('kept'), at('link'), '/']) {
      await create(path, { createParents: true, mode: 0o700 });
    }
    expect(mode(at('kept'))).toBe(0o750);
    writeFileSync(at('file'), '');
    symlinkSync('nowhere', at('broken'));
    for (const name of ['file', 'broken']) {
      expect(await code(create(at(name), { createParents: true }))).toBe(4003);
    }
  });
});
