import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AGENT, ROOT } from '../support/agent-process.ts';

it('starts with the configuration as it is shipped without what it loads only now and then', () => {
  const dir = mkdtempSync(join(tmpdir(), 'qxga-alone-'));
  try {
    mkdirSync(join(dir, 'core'));
    cpSync(AGENT, join(dir, 'core/agent.cjs'));
    cpSync(join(AGENT, '../main.cjs'), join(dir, 'core/main.cjs'));
    for (const name of readdirSync(join(ROOT, 'plugins'))) {
      for (const file of ['package.json', 'dist/plugin.cjs']) {
        cpSync(join(ROOT, 'plugins', name, file), join(dir, 'plugins', name, file));
      }
    }
    const config = join(dir, 'agent.yaml');
    cpSync(join(ROOT, 'packaging/config/agent.yaml'), config);
    const command = [join(dir, 'core/agent.cjs'), '--check-config', '--config', config];
    expect(execFileSync(process.execPath, command, { encoding: 'utf8' })).toBe(`${config}: ok\n`);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
