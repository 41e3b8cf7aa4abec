import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ErrorName, ExecuteRequest, Init } from '@limiquantix/plugin-sdk';
import { afterAll, describe, expect, test } from 'vitest';
import type { Launch } from '../src/linux/launch.ts';
import { spawnFailure } from '../src/linux/spawn-failure.ts';
import { execute } from './running.ts';

const directory = mkdtempSync(join(tmpdir(), 'refusals-'));
afterAll(() => rmSync(directory, { recursive: true }));

function script(name: string, text: string, mode: number): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const plain = script('plain', 'echo\n', 0o644);
const orphaned = script('orphaned', '#!/no/such/interpreter\n', 0o755);
const args = ['x'];

const REFUSED: [string, Init<ExecuteRequest>, ErrorName][] = [
  ['an empty command', { command: '' }, 'COMMAND_NOT_FOUND'],
  ['a command with NUL', { command: 'echo \0' }, 'COMMAND_NOT_FOUND'],
  ['an argument with NUL', { command: 'echo', args: ['\0'] }, 'COMMAND_NOT_FOUND'],
  ['a program that is not there', { command: '/no/such', args }, 'COMMAND_NOT_FOUND'],
  ['a path through a file', { command: '/etc/passwd/x', args }, 'COMMAND_NOT_FOUND'],
  ['a program not in PATH', { command: 'no-such-program', args }, 'COMMAND_NOT_FOUND'],
  ['a PATH of nothing', { command: 'ls', args, environment: { PATH: '' } }, 'COMMAND_NOT_FOUND'],
  ['a missing interpreter', { command: orphaned, args }, 'COMMAND_NOT_FOUND'],
  ['a file that is not executable', { command: plain, args }, 'PERMISSION_DENIED'],
  [
    'the same in PATH',
    { command: 'plain', args, environment: { PATH: directory } },
    'PERMISSION_DENIED',
  ],
  ['a directory', { command: '/etc', args }, 'PERMISSION_DENIED'],
  ['a device', { command: '/dev/null', args }, 'PERMISSION_DENIED'],
  ['a missing directory', { command: 'ls', workingDirectory: '/no/such' }, 'WORKING_DIR_NOT_FOUND'],
  [
    'a file as directory',
    { command: 'ls', workingDirectory: '/etc/passwd' },
    'WORKING_DIR_NOT_FOUND',
  ],
  ['a relative directory', { command: 'ls', workingDirectory: 'etc' }, 'WORKING_DIR_NOT_FOUND'],
  ['a directory with NUL', { command: 'ls', workingDirectory: '/\0' }, 'WORKING_DIR_NOT_FOUND'],
  ['an unknown user', { command: 'id', runAsUser: 'no-such-user' }, 'USER_NOT_FOUND'],
  ['a number as user', { command: 'id', runAsUser: '0' }, 'USER_NOT_FOUND'],
  ['a number in disguise', { command: 'id', runAsUser: ' +0' }, 'USER_NOT_FOUND'],
  ['an option as user', { command: 'id', runAsUser: '--help' }, 'USER_NOT_FOUND'],
  ['a line of passwd as user', { command: 'id', runAsUser: 'root:x' }, 'USER_NOT_FOUND'],
  ['a user with NUL', { command: 'id', runAsUser: 'root\0' }, 'USER_NOT_FOUND'],
  ['an unknown group', { command: 'id', runAsGroup: 'no-such-group' }, 'GROUP_NOT_FOUND'],
  ['a number as group', { command: 'id', runAsGroup: '0' }, 'GROUP_NOT_FOUND'],
  ['a nameless variable', { command: 'id', environment: { '': 'x' } }, 'INVALID_MESSAGE'],
  ['a variable named a=b', { command: 'id', environment: { 'a=b': 'x' } }, 'INVALID_MESSAGE'],
  ['a value with NUL', { command: 'id', environment: { a: '\0' } }, 'INVALID_MESSAGE'],
  ['a line too long for the kernel', { command: `: ${'x'.repeat(200_000)}` }, 'MESSAGE_TOO_LARGE'],
];

test.each(REFUSED)('%s is refused', async (_, request, name) => {
  await expect(execute(request)).rejects.toMatchObject({ name });
});

test('a refusal quotes no more of the request than helps', async () => {
  const refusal = execute({ command: `/${'x'.repeat(50_000)}`, args });
  await expect(refusal).rejects.toMatchObject({ message: expect.stringMatching(/^.{1,300}$/) });
});

describe('what the kernel says about a resolved program', () => {
  const launch: Launch = { file: '/bin/true', args, cwd: '/', env: {} };
  const asUser: Launch = { ...launch, uid: 1, gid: 1 };

  test.each<[string, Launch, ErrorName]>([
    ['ENOENT', launch, 'COMMAND_NOT_FOUND'],
    ['EACCES', launch, 'PERMISSION_DENIED'],
    ['ETXTBSY', launch, 'PERMISSION_DENIED'],
    ['EPERM', asUser, 'SETUID_FAILED'],
    ['EPERM', launch, 'INTERNAL_ERROR'],
    ['EAGAIN', launch, 'INTERNAL_ERROR'],
    ['E2BIG', launch, 'MESSAGE_TOO_LARGE'],
    ['EIO', launch, 'INTERNAL_ERROR'],
  ])('%s', (code, launched, name) => {
    expect(spawnFailure(launched, Object.assign(new Error(code), { code }))).toMatchObject({
      name,
    });
  });

  test('no room for a process tells what to do', () => {
    const failure = spawnFailure(launch, Object.assign(new Error(), { code: 'EAGAIN' }));
    expect(`${failure}`).toContain('EAGAIN');
    expect(failure.resolution).toContain('processes');
  });
});
