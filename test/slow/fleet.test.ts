import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { startSimulatedAgents } from '../support/simulated-agents.ts';

const AGENTS = 1000;
const LOAD = new URL('../support/fleet-load.ts', import.meta.url).pathname;

const directory = mkdtempSync(join(tmpdir(), 'fleet-'));
afterAll(() => rmSync(directory, { recursive: true }));

it(`one process serves ${AGENTS} agents, pinged once a second, with a few percent of a core`, async () => {
  const agents = await startSimulatedAgents({ directory, count: AGENTS });
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [LOAD, '--dir', directory]);
    console.log(stdout.trim());
    const { agents: connected, failed, cpuPercent, bytesPerAgent } = JSON.parse(stdout);
    expect({ connected, failed }).toEqual({ connected: AGENTS, failed: 0 });
    expect(bytesPerAgent).toBeLessThan(50_000);
    // 3 to 4 by itself; other work on the machine makes each wake-up dearer.
    expect(cpuPercent).toBeLessThan(10);
  } finally {
    await agents.stop();
  }
});
