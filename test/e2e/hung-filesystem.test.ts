import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Execute, FileStat, Ping } from '@limiquantix/agent-proto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AGENT, AgentProcess, ROOT } from '../support/agent-process.ts';
import { RawHost } from '../support/raw-host.ts';

const FUSE = join(ROOT, 'plugins/file/test/fixtures/fuse-server.ts');
/** Only root may mount, and not every kernel has FUSE. */
const canMount = existsSync('/dev/fuse') && spawnSync('unshare', ['-m', 'true']).status === 0;

describe.runIf(canMount)('an agent that waits for a filesystem that does not answer', () => {
  let folder: string;
  let server: ChildProcess;
  let agent: AgentProcess;
  let host: RawHost;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'qxga-hung-'));
    // In a mount namespace of its own: nobody else shall wait for it.
    server = spawn('unshare', ['-m', process.execPath, FUSE, folder]);
    await once(server.stdout as NodeJS.ReadableStream, 'data');
    const enter = ['nsenter', '--mount', '--target', String(server.pid)];
    const place = { enter, root: '', node: process.execPath, agent: AGENT, tmp: tmpdir() };
    agent = await AgentProcess.start({ place });
    host = await RawHost.connect(agent.socket);
    server.kill('SIGSTOP');
    // What it has taken but not answered the kernel waits for even where SIGKILL is due.
    await expect.poll(() => isStopped(server.pid as number)).toBe(true);
    host.request(FileStat, { path: join(folder, 'never') }, { id: 'never' });
  });
  afterEach(async () => {
    server.kill('SIGKILL');
    host.close();
    await agent.stop();
    rmSync(folder, { recursive: true });
  });

  it('serves on', async () => {
    await host.answer(host.request(Ping));
    await host.answer(host.request(FileStat, { path: '/etc/hostname' }));
    await host.answer(host.request(Execute, { command: 'true' }));
    expect(host.received.some(({ id }) => id === 'never')).toBe(false);
  });

  it('ends when it is told to, and without a failure', async () => {
    await host.answer(host.request(Ping));
    const begin = performance.now();
    agent.signal('SIGTERM');
    await agent.ended;
    expect(performance.now() - begin).toBeLessThan(5000);
    expect(agent.endedBy).toBe('SIGTERM');
  });
});

/** With all its threads. */
function isStopped(pid: number): boolean {
  const stat = (thread: string) => readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
  return readdirSync(`/proc/${pid}/task`).every((thread) => stat(thread).includes(') T '));
}
