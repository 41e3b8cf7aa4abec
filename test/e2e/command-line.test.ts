import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CATALOGUE } from '@limiquantix/agent-proto';
import { afterAll, describe, expect, it } from 'vitest';
import { AGENT, ROOT } from '../support/agent-process.ts';

const dir = mkdtempSync(join(tmpdir(), 'qxga-cli-'));
afterAll(() => rmSync(dir, { recursive: true }));

function agent(...args: string[]) {
  return spawnSync(process.execPath, [AGENT, ...args], { encoding: 'utf8', timeout: 15_000 });
}

function configured(text: string): string {
  const file = join(dir, 'agent.yaml');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

describe('limiquantix-agent', () => {
  it('prints help, version and every error code', () => {
    expect(agent('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('--check-config'),
    });
    expect(agent('--version').stdout).toBe('0.1.0\n');
    expect(JSON.parse(agent('--errors').stdout)).toHaveLength(Object.keys(CATALOGUE).length);
  });

  it('refuses what it does not know with exit code 2 and the usage', () => {
    const { status, stderr } = agent('--divice', 'x');
    expect(status).toBe(2);
    expect(stderr).toContain('--divice');
    expect(stderr).toContain('Usage:');
    expect(agent('--log-level', 'loud').stderr).toContain('trace, debug, info, warn, error');
  });

  it('prints what it can do on this guest', () => {
    const { capabilities, os } = JSON.parse(
      agent('--capabilities', '--config', configured('')).stdout,
    );
    expect(os).toBe('linux');
    expect(capabilities).toEqual(
      expect.arrayContaining(['telemetry', 'execute', 'file_read', 'file_write', 'file_list']),
    );
  });

  it('takes the shipped configuration', () => {
    const shipped = configured(
      spawnSync('cat', [join(ROOT, 'packaging/config/agent.yaml')], { encoding: 'utf8' }).stdout,
    );
    expect(agent('--check-config', '--config', shipped)).toMatchObject({ status: 0 });
  });

  it.each([
    [
      'telemetry_intervall_secs: 5',
      'agent.yaml:1: telemetry_intervall_secs',
      'did you mean telemetry_interval_secs?',
    ],
    [
      'log_level: info\nhealth:\n  interval_secs: often',
      'agent.yaml:3: health.interval_secs',
      'an integer from 1 to 3600',
    ],
    ['log_level: loud', 'agent.yaml:1: log_level', 'one of trace, debug, info, warn, error'],
    [
      'plugins:\n  exceute:\n    enabled: false',
      'agent.yaml:2: plugins.exceute',
      'did you mean execute?',
    ],
    [
      'plugins:\n  execute:\n    max_timeout: 5',
      'agent.yaml:3: plugins.execute.max_timeout',
      'did you mean max_timeout_secs?',
    ],
    [
      'disabled_capabilities: [file_writes]',
      'agent.yaml:1: disabled_capabilities',
      'did you mean file_write?',
    ],
  ])('says what is wrong with %j', (text, place, hint) => {
    const { status, stderr } = agent('--check-config', '--config', configured(text));
    expect(status).toBe(1);
    expect(stderr).toContain('QXGA-9002');
    expect(stderr).toContain(place);
    expect(stderr).toContain(hint);
  });

  it('says 9001 for a file that it cannot read, parse or trust', () => {
    expect(agent('--check-config', '--config', '/no/such/file').stderr).toContain('QXGA-9001');
    const { status, stderr } = agent('--check-config', '--config', configured('a: [1\nb: 2'));
    expect(status).toBe(1);
    expect(stderr).toMatch(/QXGA-9001.*agent\.yaml:\d+/);
    const open = configured('log_level: info');
    spawnSync('chmod', ['666', open]);
    expect(agent('--check-config', '--config', open).stderr).toContain('writable by others');
  });
});
