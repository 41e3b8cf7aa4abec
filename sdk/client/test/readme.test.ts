import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AgentReady, Execute, Telemetry } from '@limiquantix/agent-proto';
import { expect, onTestFinished, test } from 'vitest';
import { ScriptedAgent } from './scripted-agent.ts';
import { serveReads, serveWrites } from './scripted-files.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const [work, setUp] = Array.from(readme.matchAll(/```ts\n(.*?)```/gs), ([, example]) => example);

/** In the folder of the package, where its imports are found. */
async function run(program: string): Promise<{ readonly code: unknown; readonly output: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: root });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
}

test('the first example of the README works', async () => {
  const agent = await ScriptedAgent.listen();
  const folder = mkdtempSync(join(tmpdir(), 'agent-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  agent.reply(Execute, () => ({ stdout: '6.12.0\n' }));
  const written = serveWrites(agent, 65_536);
  serveReads(agent, { content: Buffer.from('hello\n') });
  const reports = setInterval(() => {
    for (const host of agent.hosts) host.emit(Telemetry, { hostname: 'web-1', cpuUsagePercent: 5 });
  }, 20);
  onTestFinished(() => clearInterval(reports));

  const program = work
    ?.replace('/var/run/limiquantix/vms/web-1.agent.sock', agent.path)
    .replace('motd.txt', join(folder, 'motd.txt'));
  expect(await run(program ?? '')).toEqual({ code: 0, output: '6.12.0\nweb-1: 5 % CPU\n' });
  expect(String(written.content)).toBe('hello\n');
  expect(readFileSync(join(folder, 'motd.txt'), 'utf8')).toBe('hello\n');
});

test('the second example of the README works', async () => {
  const agent = await ScriptedAgent.listen();
  const folder = mkdtempSync(join(tmpdir(), 'agent-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = join(folder, 'setup.sh');
  writeFileSync(script, '#!/bin/sh\n');
  const written = serveWrites(agent, 65_536);
  agent.reply(Execute, () => ({ exitCode: 0 }));
  void agent
    .until(() => agent.hosts.length === 1)
    .then(() => agent.host.emit(AgentReady, { hostname: 'web-2' }));
  const program = setUp
    ?.replace('/var/run/limiquantix/vms/web-2.agent.sock', agent.path)
    .replace("'setup.sh'", `'${script}'`);
  const output = '10 bytes are there\nweb-2 is set up: 0\n';
  expect(await run(program ?? '')).toEqual({ code: 0, output });
  expect(String(written.content)).toBe('#!/bin/sh\n');
});
