// What V8 makes of the agent and of the plugins that begin with it, for all starts to come.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { env } from './run.mjs';

const START_LIMIT_MS = 60_000;
const MAKE = fileURLToPath(new URL('code-cache-main.cjs', import.meta.url));

/** Of a guest whose operator changed something: all that reads and checks it is to run. */
const CONFIG = 'log_level: info\nplugins:\n  telemetry:\n    interval_secs: 10\n';

/**
 * Writes a file beside each bundle that a start compiles. The same bundles give the same bytes,
 * which are for the pinned version of Node.js on this architecture.
 * @param {string} agent path of the agent's bundle
 */
export function makeCodeCaches(agent) {
  const flags = JSON.parse(readFileSync('core/runtime-flags.json', 'utf8'));
  const work = mkdtempSync(join(tmpdir(), 'limiquantix-code-cache-'));
  const config = join(work, 'agent.yaml');
  try {
    writeFileSync(config, CONFIG, { mode: 0o600 });
    // V8 hashes names by a number of its own for each process, and notes in a function that
    // another thread just compiles it.
    const same = ['--hash-seed=1', '--random-seed=1', '--no-concurrent-sparkplug'];
    execFileSync('node', [...flags, ...same, MAKE, agent, config, join(work, 'socket')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: START_LIMIT_MS,
      env,
    });
  } finally {
    rmSync(work, { recursive: true });
  }
}
