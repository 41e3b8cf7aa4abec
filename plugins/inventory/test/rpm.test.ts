import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunTool, ToolResult } from '@limiquantix/plugin-sdk/guest';
import { ToolMissing } from '@limiquantix/plugin-sdk/guest';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseRpm, Rpm } from '../src/linux/software/rpm.ts';
import { grow, scratch } from './machine.ts';
import { reading } from './packages.ts';

const tools = ['/usr/bin/rpm', '/usr/bin/rpmbuild'];

describe.skipIf(!tools.every(existsSync))('a real database (needs rpm and rpmbuild)', () => {
  const top = scratch();
  const database = join(top, 'db');
  const installedFrom = Math.floor(Date.now() / 1000);

  function build(name: string, spec: string): string {
    const file = join(top, `${name}.spec`);
    writeFileSync(file, `Name: ${name}\nSummary: A test\nLicense: MIT\n${spec}`);
    execFileSync('rpmbuild', ['-bb', '--define', `_topdir ${top}`, file], { stdio: 'pipe' });
    return execFileSync('find', [join(top, 'RPMS'), '-name', `${name}-*.rpm`], {
      encoding: 'utf8',
    }).trim();
  }

  beforeAll(() => {
    const greeter = build(
      'greeter',
      `Epoch: 2
Version: 1.4.0
Release: 3.el9
Vendor: Acme, "Ltd" | Grüße
BuildArch: noarch
%description
Greets.
%install
mkdir -p %{buildroot}/opt/greeter
head -c 3000 /dev/zero > %{buildroot}/opt/greeter/data
%files
/opt/greeter/data
`,
    );
    const plain = build(
      'plain-tool',
      'Version: 0.1~rc2\nRelease: 1\n%description\nPlain.\n%files\n',
    );
    mkdirSync(database);
    const install = ['--dbpath', database, '--justdb', '--nodeps', '--ignoresize', '-i'];
    execFileSync('rpm', [...install, greeter, plain], { stdio: 'pipe' });
  }, 60_000);

  test('lists what rpm lists, with epoch, release and architecture', async () => {
    const packages = await new Rpm({ directory: database }).read(reading);
    const found = packages.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    expect(found).toMatchObject([
      {
        name: 'greeter',
        version: '2:1.4.0-3.el9',
        publisher: 'Acme, "Ltd" | Grüße',
        sizeBytes: 3000,
        packageType: 'rpm',
        architecture: 'noarch',
      },
      { name: 'plain-tool', version: '0.1~rc2-1', publisher: '', sizeBytes: 0 },
    ]);
    expect(found[1]?.architecture).not.toBe('');
    for (const { installDate } of found) {
      expect(installDate?.seconds).toBeGreaterThanOrEqual(installedFrom);
    }
  });

  test('has another revision when a package went', async () => {
    const rpm = new Rpm({ directory: database });
    const before = await rpm.revision();
    expect(before).not.toBe('');
    await rpm.read(reading);
    expect(await rpm.revision()).toBe(before);
    execFileSync('rpm', ['--dbpath', database, '--justdb', '-e', 'plain-tool'], { stdio: 'pipe' });
    expect(await rpm.revision()).not.toBe(before);
    expect(await rpm.read(reading)).toHaveLength(1);
  });

  test('fails when it is broken: that is not the same as nothing installed', async () => {
    const directory = grow({ 'rpmdb.sqlite': 'not a database', Packages: 'nor this' });
    const broken = new Rpm({ directory });
    expect(await broken.revision()).not.toBe('');
    await expect(broken.read(reading)).rejects.toMatchObject({
      name: 'INTERNAL_ERROR',
      context: expect.stringContaining('error: '),
      resolution: expect.stringContaining('verifydb'),
    });
  });
});

const answer = (about: Partial<ToolResult>): RunTool => {
  const silent = { exitCode: 0, signal: undefined, stdout: '', stderr: '' };
  return async () => ({ ...silent, truncated: false, timedOut: false, ...about });
};

test('rpm is not run where there is no database', async () => {
  expect(await new Rpm({ directory: grow({}) }).revision()).toBe('');
});

test('a database without rpm is passed over, and the log says so', async () => {
  const log = memoryLogger();
  const run: RunTool = () => Promise.reject(new ToolMissing('rpm'));
  expect(await new Rpm({ run }).read({ ...reading, log })).toEqual([]);
  expect(log.entries).toEqual([expect.objectContaining({ level: 'warn' })]);
});

test('half a list is none', async () => {
  const cut = new Rpm({ run: answer({ truncated: true }) }).read(reading);
  await expect(cut).rejects.toThrow('rpm -qa told more than');
  const late = new Rpm({ run: answer({ timedOut: true, exitCode: -1 }) }).read(reading);
  await expect(late).rejects.toThrow('did not end in 60 s');
});

test('is asked in one call, for as long as somebody waits', async () => {
  const calls: unknown[] = [];
  const run: RunTool = (program, args, options) => {
    calls.push([program, args.slice(0, 2), options.signal]);
    return answer({})(program, args, options);
  };
  await new Rpm({ run }).read(reading);
  expect(calls).toEqual([['rpm', ['-qa', '--queryformat'], reading.signal]]);
});

test('a vendor may be any text, and keys are no packages', async () => {
  const record = (...fields: string[]) => `${fields.join('\x1f')}\x1e`;
  const packages = await parseRpm(
    record('gpg-pubkey', '(none)', 'fd431d51', '4ae0493b', '(none)', '(none)', '0', '1') +
      record('a', '0', '1', '2', 'x86_64', 'two\nlines\tand | more', '5000000000', '1700000000'),
  );
  expect(packages).toEqual([
    {
      name: 'a',
      version: '0:1-2',
      publisher: 'two\nlines\tand | more',
      installDate: { seconds: 1_700_000_000, nanos: 0 },
      sizeBytes: 5_000_000_000,
      packageType: 'rpm',
      architecture: 'x86_64',
    },
  ]);
});
