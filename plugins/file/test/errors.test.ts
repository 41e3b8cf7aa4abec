import { AgentError, type ErrorName, ErrorReason } from '@limiquantix/plugin-sdk';
import { expect, it } from 'vitest';
import { fileError } from '../src/errors.ts';

function systemError(code: string, errno: number): Error {
  return Object.assign(new Error(code), { code, errno, syscall: 'open' });
}

it.each<[string, number, ErrorName]>([
  ['ENOENT', -2, 'FILE_NOT_FOUND'],
  ['EACCES', -13, 'FILE_ACCESS_DENIED'],
  ['EROFS', -30, 'FILE_ACCESS_DENIED'],
  ['ENOSPC', -28, 'DISK_FULL'],
  ['Unknown system error -122', -122, 'DISK_FULL'],
  ['Unknown system error -116', -116, 'INTERNAL_ERROR'],
  ['EFBIG', -27, 'FILE_TOO_LARGE'],
  ['EIO', -5, 'INTERNAL_ERROR'],
])('%s is said in words, with the path', (code, errno, name) => {
  const error = fileError(systemError(code, errno), '/srv/x') as AgentError;
  expect(error.name).toBe(name);
  expect(error.message).toMatch(/: \/srv\/x: [a-z/ -]+$/);
  expect(error.message).not.toContain(code);
});

it('means what the method makes of it', () => {
  const meaning = { missing: 'DIRECTORY_NOT_FOUND', otherwise: 'DELETE_FAILED' } as const;
  const explained = (code: string, errno: number) =>
    fileError(systemError(code, errno), '/x', meaning);
  expect(explained('ENOENT', -2)).toMatchObject({ name: 'DIRECTORY_NOT_FOUND' });
  expect(explained('EBUSY', -16)).toMatchObject({
    name: 'DELETE_FAILED',
    reason: ErrorReason.CONFLICT,
  });
});

it('is the first error where closing fails as well', () => {
  const both = new SuppressedError(systemError('EIO', -5), systemError('EDQUOT', -122));
  expect((fileError(both, '/x') as AgentError).name).toBe('DISK_FULL');
});

it('does not repeat a path without end', () => {
  const error = fileError(systemError('ENOENT', -2), `/${'x'.repeat(100_000)}`) as AgentError;
  expect(error.message.length).toBeLessThan(700);
});

it('leaves alone what is no system error', () => {
  const bug = new TypeError('a bug');
  const own = new AgentError('NOT_A_FILE');
  expect(fileError(bug, '/x')).toBe(bug);
  expect(fileError(own, '/x')).toBe(own);
});
