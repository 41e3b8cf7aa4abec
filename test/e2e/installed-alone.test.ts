import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { AGENT, ROOT } from '../support/agent-process.ts';

const SHIPPED = readFileSync(join(ROOT, 'packaging/config/agent.yaml'), 'utf8');
const dir = mkdtempSync(join(tmpdir(), 'qxga-alone-'));
afterEach(() => rmSync(dir, { recursive: true }));

it.each([
  ['as it is shipped', SHIPPED, []],
  [
    'that was changed',
    SHIPPED.replace('max_exec_timeout_secs: 300', 'max_exec_timeout_secs: 60'),
    ['read-yaml', 'validators'],
  ],
  ['that is empty', '', []],
])(
  'with a configuration %s it starts without what it loads only now and then',
  (_, text, parts) => {
    for (const name of ['limiquantix-agent', 'main', ...parts]) {
      cpSync(join(AGENT, `../${name}.cjs`), join(dir, `core/${name}.cjs`));
    }
    for (const name of readdirSync(join(ROOT, 'plugins'))) {
      for (const file of ['package.json', 'dist/plugin.cjs']) {
        cpSync(join(ROOT, 'plugins', name, file), join(dir, 'plugins', name, file));
      }
    }
    const config = join(dir, 'agent.yaml');
    writeFileSync(config, text, { mode: 0o600 });
    const command = [join(dir, 'core/limiquantix-agent.cjs'), '--check-config', '--config', config];
    expect(execFileSync(process.execPath, command, { encoding: 'utf8' })).toBe(`${config}: ok\n`);
  },
);
