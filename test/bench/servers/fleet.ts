import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../../support/agent-process.ts';
import type { Workspace } from '../workspace.ts';

const AGENTS = join(ROOT, 'test/support/simulated-agents.ts');
/** Two descriptors each, of the 20,000 that a process commonly may have. */
const MOST_IN_A_PROCESS = 5000;

/** Starts agents that greet, report each 5 s, and answer pings. @returns the folder of their sockets */
export async function startFleet(workspace: Workspace, count: number): Promise<string> {
  const directory = workspace.path('vms');
  mkdirSync(directory);
  const firsts = Array.from(
    { length: Math.ceil(count / MOST_IN_A_PROCESS) },
    (_, i) => i * MOST_IN_A_PROCESS,
  );
  await Promise.all(
    firsts.map(async (first) => {
      const agents = Math.min(MOST_IN_A_PROCESS, count - first);
      const args = ['--dir', directory, '--count', String(agents), '--first', String(first)];
      const lines = linesOf(workspace, [AGENTS, ...args]);
      for await (const line of lines) if (line.startsWith('ready')) return;
      throw new Error('the simulated agents did not start');
    }),
  );
  return directory;
}

/** What a program of the tests prints. */
export function linesOf(workspace: Workspace, args: readonly string[]): AsyncIterable<string> {
  const { stdout } = workspace.spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return createInterface({ input: stdout as NonNullable<typeof stdout> });
}
