import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecuteRequest, Init } from '@limiquantix/plugin-sdk';
import { AccountFiles } from '@limiquantix/plugin-sdk/guest';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Executor } from '../src/execute.ts';
import { Identities } from '../src/linux/identity.ts';
import { ignoredSignals } from './running.ts';

const UID = 54_321;
const isRoot = process.getuid?.() === 0;

describe.runIf(isRoot)('a command of another user', () => {
  let directory: string;
  let home: string;
  let executor: Executor;

  beforeAll(() => {
    directory = mkdtempSync('/var/tmp/identity-');
    chmodSync(directory, 0o755);
    home = join(directory, 'home');
    mkdirSync(home, 0o700);
    chownSync(home, UID, UID);
    const passwd = join(directory, 'passwd');
    const group = join(directory, 'group');
    writeFileSync(
      passwd,
      `root:x:0:0::/root:/bin/sh\nalice:x:${UID}:${UID}::${home}:/bin/zsh\nlone:x:${UID}:${UID}::/no/home:/bin/sh\n`,
    );
    writeFileSync(group, 'root:x:0:\nstaff:x:50:\nadm:x:4:alice\nvideo:x:44:root,alice\n');
    executor = new Executor({
      config: { max_timeout_secs: 20 },
      maxMessageBytes: 4_000_000,
      log: memoryLogger(),
      identities: new Identities(new AccountFiles({ passwd, group })),
    });
  });
  afterAll(async () => {
    await executor.dispose();
    rmSync(directory, { recursive: true });
  });

  const run = (request: Init<ExecuteRequest>) =>
    executor.execute(
      {
        command: '',
        args: [],
        workingDirectory: '',
        environment: {},
        timeoutSeconds: 0,
        runAsUser: 'alice',
        runAsGroup: '',
        stdin: new Uint8Array(),
        maxOutputBytes: 0,
        ...request,
      } as ExecuteRequest,
      { signal: new AbortController().signal, cutShort: () => undefined },
    );

  const sorted = (text: string | undefined) =>
    text
      ?.trim()
      .split(' ')
      .map(Number)
      .sort((a, b) => a - b);

  const IDS = 'grep -E "^(Uid|Gid)" /proc/self/status; id -G';

  test('has the ids and groups of that user', async () => {
    const { stdout } = await run({ command: IDS });
    const [uid, gid, groups] = (stdout ?? '').split('\n');
    expect(uid).toBe(`Uid:\t${UID}\t${UID}\t${UID}\t${UID}`);
    expect(gid).toBe(`Gid:\t${UID}\t${UID}\t${UID}\t${UID}`);
    expect(sorted(groups)).toEqual([4, 44, UID]);
  });

  test('has only the primary group where the host wants no others', async () => {
    const request = { command: 'id -G', includeSupplementaryGroups: false };
    expect((await run(request)).stdout).toBe(`${UID}\n`);
    expect((await run({ ...request, runAsGroup: 'staff' })).stdout).toBe('50\n');
  });

  test('has the group that the host names, with those of its user', async () => {
    const { stdout } = await run({ command: 'id -g; id -G', runAsGroup: 'staff' });
    const [gid, groups] = (stdout ?? '').split('\n');
    expect(gid).toBe('50');
    expect(sorted(groups)).toEqual([4, 44, 50, UID]);
  });

  test('has no capabilities, and no signals ignored', async () => {
    const { stdout } = await run({
      command: 'grep -E "Cap(Prm|Eff|Amb)|SigIgn" /proc/self/status',
    });
    expect(stdout?.match(/^Cap.*\t0+$/gm)).toHaveLength(3);
    expect(ignoredSignals(stdout ?? '')).toBe(0n);
  });

  test('has the home, names, shell and PATH of that user', async () => {
    const { stdout } = await run({ command: 'pwd; echo $HOME $USER $LOGNAME $SHELL $PATH' });
    const path = '/usr/local/bin:/usr/bin:/bin';
    expect(stdout).toBe(`${home}\n${home} alice alice /bin/zsh ${path}\n`);
  });

  test('runs in / where that user has no home', async () => {
    expect((await run({ command: 'pwd', runAsUser: 'lone' })).stdout).toBe('/\n');
  });

  test('opens its own streams by name', async () => {
    const command = 'cat /dev/stdin; echo out > /dev/stdout; echo err > /dev/stderr';
    expect(await run({ command, stdin: Buffer.from('in\n') })).toMatchObject({
      stdout: 'in\nout\n',
      stderr: 'err\n',
    });
  });

  test('does not enter a directory that its user may not', async () => {
    const refusal = { name: 'WORKING_DIR_NOT_FOUND', message: expect.stringContaining('alice') };
    await expect(run({ command: 'pwd', workingDirectory: '/root' })).rejects.toMatchObject(refusal);
    expect((await run({ command: 'pwd', workingDirectory: home })).stdout).toBe(`${home}\n`);
  });

  // The three ways in which a program becomes somebody's.
  describe.each<[string, Init<ExecuteRequest>]>([
    ['directly', { includeSupplementaryGroups: false }],
    ['with groups', {}],
    ['with variables that a loader obeys', { environment: { LD_LIBRARY_PATH: '/no/such' } }],
  ])('started %s', (_, how) => {
    const executable = (name: string, text: string, mode: number) => {
      const path = join(directory, name);
      writeFileSync(path, text);
      chmodSync(path, mode);
      return path;
    };

    test('gets its arguments and environment, and its exit code out', async () => {
      const args = [
        '-c',
        'id -u; printf "%s|" "$@" "$LD_LIBRARY_PATH"; exit 126',
        'sh',
        '--',
        '-e',
        '',
      ];
      const answer = await run({ ...how, command: '/bin/sh', args });
      const library = how.environment ? '/no/such' : '';
      expect(answer).toMatchObject({ exitCode: 126, stdout: `${UID}\n--|-e||${library}|` });
    });

    test('gets the signal out that ended it', async () => {
      expect(await run({ ...how, command: 'kill -KILL $$' })).toMatchObject({
        signal: 9,
        exitCode: -1,
      });
    });

    test('is refused a program that only root may execute', async () => {
      const command = executable('private', '#!/bin/sh\n', 0o700);
      const refused = run({ ...how, command, args: ['x'] });
      await expect(refused).rejects.toMatchObject({ name: 'PERMISSION_DENIED' });
    });

    test('is told that an interpreter is missing', async () => {
      const command = executable('orphaned', '#!/no/such\n', 0o755);
      const refused = run({ ...how, command, args: ['x'] });
      await expect(refused).rejects.toMatchObject({ name: 'COMMAND_NOT_FOUND' });
    });

    test('is killed at its deadline', async () => {
      const command = 'echo $$; sleep 300';
      expect(await run({ ...how, command, timeoutSeconds: 1 })).toMatchObject({ timedOut: true });
    });
  });

  test('has its libraries loaded by nobody but itself', async () => {
    const environment = { LD_PRELOAD: '/no/such.so' };
    const { stderr } = await run({ command: '/bin/true', args: ['x'], environment });
    expect(stderr?.match(/LD_PRELOAD cannot be preloaded/g)).toHaveLength(1);
  });

  test('keeps a message that only looks like the launcher’s', async () => {
    const command = 'echo "chroot: /bin/sh: failed" >&2; exit 127';
    expect(await run({ command })).toMatchObject({
      exitCode: 127,
      stderr: 'chroot: /bin/sh: failed\n',
    });
  });

  test('is refused to an agent without the capabilities', () => {
    const script = `
      const { Identities } = await import(${JSON.stringify(import.meta.resolve('../src/linux/identity.ts'))});
      const runAs = { runAsUser: 'root', runAsGroup: '' };
      await new Identities().resolve(runAs).catch((error) => console.log(String(error)));
    `;
    const { stdout } = spawnSync(
      process.execPath,
      ['--no-warnings', '--input-type=module', '-e', script],
      {
        uid: UID,
        gid: UID,
        encoding: 'utf8',
      },
    );
    expect(stdout).toMatch(/^QXGA-3007: .*"root"/);
  });
});
