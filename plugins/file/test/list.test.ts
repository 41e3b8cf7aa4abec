import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import {
  type DirectoryEntry,
  type Init,
  ListDirectory,
  type ListDirectoryRequest,
} from '@limiquantix/plugin-sdk';
import { describe, expect, it } from 'vitest';
import { nameBatches } from '../src/linux/name-batches.ts';
import { pinDirectory } from '../src/linux/pin.ts';
import { code, filePlugin, scratch } from './plugin.ts';

const host = filePlugin({ maxMessageBytes: 1_114_112 });
const at = scratch();

const list = (path: string, rest: Init<ListDirectoryRequest> = {}) =>
  host.call(ListDirectory, { path, ...rest });

async function listAll(path: string, rest: Init<ListDirectoryRequest>): Promise<string[]> {
  const names: string[] = [];
  for (let token = ''; ; ) {
    const page = await list(path, { ...rest, continuationToken: token });
    names.push(...page.entries.map((entry) => entry.name));
    token = page.continuationToken;
    if (token === '') return names;
  }
}

function directory(name: string, files: readonly (string | Buffer)[]): string {
  mkdirSync(at(name));
  for (const file of files) {
    writeFileSync(Buffer.concat([Buffer.from(`${at(name)}/`), Buffer.from(file)]), '');
  }
  return at(name);
}

describe('a listing', () => {
  it('is in the order of the bytes of the names', async () => {
    const path = directory('sorted', [
      'b',
      'a',
      'B',
      'é',
      'z',
      'a-',
      '10',
      '9',
      '\u{1f600}',
      '\uffee',
    ]);
    const { entries, totalEntries, continuationToken } = await list(path);
    const order = ['10', '9', 'B', 'a', 'a-', 'b', 'z', 'é', '\uffee', '\u{1f600}'];
    expect(entries.map((entry) => entry.name)).toEqual(order);
    expect([totalEntries, continuationToken]).toEqual([10, '']);
  });

  it('describes each entry', async () => {
    const path = directory('described', []);
    writeFileSync(at('described', 'file'), 'content', { mode: 0o600 });
    mkdirSync(at('described', 'sub'));
    const { entries } = await list(path);
    expect(entries).toMatchObject([
      { name: 'file', path: `${path}/file`, sizeBytes: 7, mode: 0o600, owner: 'root' },
      { name: 'sub', path: `${path}/sub`, isDirectory: true, group: 'root' },
    ]);
    expect((await list('/')).entries.map((entry) => entry.path)).toContain('/etc');
  });

  it('describes links, broken ones too, and does not follow them', async () => {
    const path = directory('links', []);
    symlinkSync('/etc', at('links', 'to-etc'));
    symlinkSync('gone', at('links', 'broken'));
    expect((await list(path)).entries).toMatchObject([
      { name: 'broken', isSymlink: true, isDirectory: false, symlinkTarget: 'gone' },
      { name: 'to-etc', isSymlink: true, isDirectory: false, symlinkTarget: '/etc' },
    ]);
  });

  it('of a link to a directory is that of the directory', async () => {
    symlinkSync(directory('real', ['x']), at('alias'));
    expect((await list(at('alias'))).entries).toMatchObject([{ path: at('alias', 'x') }]);
  });

  it('hides names with a dot unless asked not to, and counts what it shows', async () => {
    const path = directory('hidden', ['.dot', '..two', 'seen']);
    expect(await listAll(path, {})).toEqual(['seen']);
    expect((await list(path)).totalEntries).toBe(1);
    expect(await listAll(path, { includeHidden: true })).toEqual(['..two', '.dot', 'seen']);
    expect((await list(path, { includeHidden: true })).totalEntries).toBe(3);
  });

  it('gives the bytes of a name that is not UTF-8', async () => {
    const strange = Buffer.from([0x61, 0xff, 0xfe]);
    const { entries } = await list(directory('bytes', [strange, 'plain']));
    const [named, plain] = entries as [DirectoryEntry, DirectoryEntry];
    // 'a' with what cannot be read sorts before 'plain'.
    expect([named.name, Buffer.from(named.nameBytes).equals(strange)]).toEqual([
      'a\ufffd\ufffd',
      true,
    ]);
    expect([plain.name, plain.nameBytes.length]).toEqual(['plain', 0]);
    expect(named.owner).toBe('root');
  });

  it('of an empty directory is empty', async () => {
    const answer = await list(directory('empty', []));
    expect(answer).toMatchObject({ entries: [], totalEntries: 0, continuationToken: '' });
  });

  it('works for /proc, where entries come and go', async () => {
    const { entries } = await list('/proc/self/fd');
    expect(entries.length).toBeGreaterThan(3);
  });

  it('needs a directory', async () => {
    expect(await code(list(at('missing')))).toBe(4004);
    expect(await code(list('/etc/passwd'))).toBe(4005);
    expect(await code(list('relative'))).toBe(4007);
  });
});

describe('pages', () => {
  const names = Array.from({ length: 2500 }, (_, i) => `file-${String(i).padStart(4, '0')}`);

  it('hold 1000 entries unless asked otherwise, and add up', async () => {
    const path = directory('many', names);
    const first = await list(path);
    expect([first.entries.length, first.totalEntries]).toEqual([1000, 2500]);
    expect(first.continuationToken).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(await listAll(path, {})).toEqual(names);
    expect(await listAll(path, { maxEntries: 625 })).toEqual(names);
    expect(await listAll(path, { maxEntries: 2499 })).toEqual(names);
    expect((await list(path, { maxEntries: 2500 })).continuationToken).toBe('');
  });

  it('end early rather than outgrow an answer', async () => {
    const path = directory('fat', []);
    const target = 'x/'.repeat(2000);
    const links = names.slice(0, 500);
    for (const name of links) symlinkSync(target, at('fat', name));
    const first = await list(path);
    expect(first.entries.length).toBeGreaterThan(100);
    expect(first.entries.length).toBeLessThan(1_114_112 / 4000);
    expect(first.totalEntries).toBe(500);
    expect(await listAll(path, {})).toEqual(links);
  });

  it('go on after an entry that is gone', async () => {
    const path = directory('gone', ['a', 'b', 'c', 'd']);
    const { continuationToken } = await list(path, { maxEntries: 2 });
    rmSync(at('gone', 'b'));
    writeFileSync(at('gone', 'a2'), '');
    writeFileSync(at('gone', 'c2'), '');
    const { entries } = await list(path, { maxEntries: 9, continuationToken });
    expect(entries.map((entry) => entry.name)).toEqual(['c', 'c2', 'd']);
  });

  it('begin only where this agent said so', async () => {
    const path = directory('tokens', ['a']);
    for (const token of [
      'x',
      'AA',
      'AmE',
      '****',
      'AWE=',
      'AWE ',
      Buffer.from('b').toString('hex'),
    ]) {
      expect([token, await code(list(path, { continuationToken: token }))]).toEqual([token, 4012]);
    }
  });
});

it('lets other work go on while it reads a large directory, and holds a part of it at a time', async () => {
  const path = directory(
    'large',
    Array.from({ length: 3000 }, (_, i) => `entry-${i}`),
  );
  let turns = 0;
  let reading = true;
  const turn = () => {
    turns++;
    if (reading) setImmediate(turn);
  };
  setImmediate(turn);
  using pinned = await pinDirectory(path);
  let entries = 0;
  for await (const batch of nameBatches(pinned)) {
    entries += batch.length;
    expect(batch.length).toBeLessThanOrEqual(512);
    expect(turns).toBeGreaterThan(0);
    turns = 0;
  }
  reading = false;
  expect(entries).toBe(3000);
});
