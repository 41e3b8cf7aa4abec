import { readFileSync, writeFileSync } from 'node:fs';

const UMASK = 0o022;
const OOM_SCORE_ADJ = '/proc/self/oom_score_adj';

/**
 * Spawns while the agent wears what another program should inherit: the usual umask, and no
 * protection from the kernel's out-of-memory killer. Spawning is synchronous, so nothing
 * else of the agent runs in between, and the child never has the agent's own.
 */
export function withCleanInheritance<T>(spawn: () => T): T {
  const umask = process.umask(UMASK);
  const adjustment = exchangeOomScoreAdj('0');
  try {
    return spawn();
  } finally {
    exchangeOomScoreAdj(adjustment);
    process.umask(umask);
  }
}

/** Sets it and returns what it was. Only an agent without privileges may be refused. */
function exchangeOomScoreAdj(value: string): string {
  try {
    const before = readFileSync(OOM_SCORE_ADJ, 'latin1').trim();
    if (before !== value) writeFileSync(OOM_SCORE_ADJ, value);
    return before;
  } catch {
    return value;
  }
}
