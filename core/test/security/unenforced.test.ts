import {
  type AnyMethod,
  CreateDirectory,
  Execute,
  FileDelete,
  FileRead,
  FileStat,
  FileWrite,
  ListDirectory,
  METHODS,
  Shutdown,
} from '@limiquantix/agent-proto';
import { describe, expect, it } from 'vitest';
import type { SecurityConfig } from '../../src/config/config.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { unenforcedDenial } from '../../src/security/unenforced.ts';

const { security } = await defaultConfig();
const denied = (method: AnyMethod, set: Partial<SecurityConfig>) =>
  unenforcedDenial(method, { ...security, ...set });

it('refuses nothing where nothing is restricted', () => {
  for (const method of METHODS) expect(denied(method, {})).toBeUndefined();
});

describe('a policy that cannot be enforced yet', () => {
  it.each([
    [Execute, { command_allowlist: ['/bin/ls'] }, 8002, 'command_allowlist'],
    [Execute, { command_blocklist: ['/bin/rm'] }, 8002, 'command_blocklist'],
    [FileRead, { deny_file_read_paths: ['/etc'] }, 4009, 'deny_file_read_paths'],
    [FileWrite, { allow_file_write_paths: ['/tmp'] }, 4008, 'allow_file_write_paths'],
    [FileStat, { deny_file_read_paths: ['/etc'] }, 8003, 'deny_file_read_paths'],
    [ListDirectory, { deny_file_read_paths: ['/etc'] }, 8003, 'deny_file_read_paths'],
    [FileDelete, { allow_file_write_paths: ['/tmp'] }, 8003, 'allow_file_write_paths'],
    [CreateDirectory, { allow_file_write_paths: ['/tmp'] }, 8003, 'allow_file_write_paths'],
    [Shutdown, { audit_logging: true }, 8004, 'audit_logging'],
  ] as const)('refuses $0.name with %#', (method, set, code, key) => {
    const denial = denied(method, set);
    expect(denial?.code).toBe(code);
    expect(denial?.message).toContain(`security.${key} is set`);
    expect(denial?.resolution).toContain(`Remove security.${key}`);
  });

  it.each([
    [FileRead, { command_allowlist: ['/bin/ls'] }],
    [FileRead, { allow_file_write_paths: ['/tmp'] }],
    [FileWrite, { deny_file_read_paths: ['/etc'] }],
    [Execute, { deny_file_read_paths: ['/etc'], allow_file_write_paths: ['/tmp'] }],
    [Shutdown, { command_blocklist: ['/bin/rm'], deny_file_read_paths: ['/etc'] }],
  ] as const)('leaves alone what it is not about (%#)', (method, set) => {
    expect(denied(method, set)).toBeUndefined();
  });

  it('never refuses what an operator needs when all else is stuck', () => {
    const all = {
      audit_logging: true,
      command_allowlist: ['/x'],
      allow_file_write_paths: ['/x'],
      deny_file_read_paths: ['/x'],
    };
    const served = METHODS.filter((method) => !denied(method, all)).map(({ name }) => name);
    expect(served).toEqual(['ping', 'thaw', 'get_capabilities', 'cancel', 'list_plugins']);
  });
});
