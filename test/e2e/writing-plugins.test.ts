import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PluginCall } from '@limiquantix/agent-proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgentProcess, ROOT } from '../support/agent-process.ts';
import { GatewayProcess } from '../support/gateway-process.ts';

// Does what docs/writing-plugins.md says, to the letter, but for npm's part.
const page = readFileSync(join(ROOT, 'docs/writing-plugins.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'qxga-author-'));
const installed = join(folder, 'installed');
let agent: AgentProcess;

/** The files of a section, each a block of code after its name. */
function filesOf(section: string): Map<string, string> {
  const text = page.split(/^## /m).find((part) => part.startsWith(section)) ?? '';
  const blocks = text.matchAll(/^`([^`\n]+)`[^\n]*:\n\n```\w+\n(.*?)^```$/gms);
  return new Map([...blocks].map(([, name, code]) => [name as string, code as string]));
}

function write(dir: string, files: ReadonlyMap<string, string>): void {
  for (const [name, text] of files) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text, { mode: 0o644 });
  }
}

const greet = join(folder, 'greet');

beforeAll(async () => {
  write(join(installed, 'shout'), filesOf('In JavaScript'));
  write(greet, new Map([...filesOf('In TypeScript'), ...filesOf('Testing')]));
  cpSync(join(ROOT, 'node_modules/@limiquantix'), join(greet, 'node_modules/@limiquantix'), {
    recursive: true,
  });
  const { scripts } = JSON.parse(readFileSync(join(greet, 'package.json'), 'utf8'));
  const PATH = `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`;
  execFileSync('sh', ['-c', scripts.build], {
    cwd: greet,
    env: { ...process.env, PATH },
    stdio: 'pipe',
  });
  for (const part of ['package.json', 'dist']) {
    cpSync(join(greet, part), join(installed, 'greet', part), { recursive: true });
  }
  agent = await AgentProcess.start({ config: `plugin_dirs: [${installed}]\n` });
}, 60_000);
afterAll(async () => {
  await agent?.stop();
  rmSync(folder, { recursive: true });
});

test.each([
  ['shout', 'shout', 'YOU!'],
  ['greet', 'greet', 'hello, you'],
])('the plugin %s answers', async (plugin, method, answer) => {
  const client = await agent.client();
  const { payload } = await client.call(PluginCall, {
    plugin,
    method,
    payload: Buffer.from('you'),
  });
  expect(Buffer.from(payload).toString()).toBe(answer);
});

test('the gateway calls it as the page says', async () => {
  const gateway = await GatewayProcess.start(agent);
  const [, body, path] = /-d '([^']+)' \$api(\/plugins\S+\/call\/\S+)/.exec(page) ?? [];
  const answer = await gateway.call('POST', path as string, JSON.parse(body as string));
  expect(await answer.json()).toMatchObject({ success: true, payload: 'hello, you' });
  await gateway.stop();
});

test('its own test passes', () => {
  const { status, stdout } = spawnSync(process.execPath, ['--test', 'test/greet.test.ts'], {
    cwd: greet,
    encoding: 'utf8',
  });
  expect(stdout).toContain('pass 1');
  expect(status).toBe(0);
});
