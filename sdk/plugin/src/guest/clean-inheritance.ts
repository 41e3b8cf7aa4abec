import { readFileSync, writeFileSync } from 'node:fs';
import { openFilesLimit } from './open-files-limit.ts';

const UMASK = 0o022;
const OOM_SCORE_ADJ = '/proc/self/oom_score_adj';

/**
 * Spawns while the agent wears what another program should inherit: the usual umask and limit of
 * open files, and no protection from the kernel's out-of-memory killer. Spawning is synchronous, so nothing
 * else of the agent runs in between, and the child never has the agent's own.
 */
export function withCleanInheritance<T>(spawn: () => T): T {
  const umask = process.umask(UMASK);
  const adjustment = readOomScoreAdj();
  const files = openFilesLimit();
  try {
    files?.usual();
    if (adjustment !== '0') writeOomScoreAdj('0');
    return spawn();
  } finally {
    if (adjustment !== '0') writeOomScoreAdj(adjustment);
    files?.own();
    process.umask(umask);
  }
}

/** `0` where it cannot be read: then there is nothing to put back. */
function readOomScoreAdj(): string {
  try {
    return readFileSync(OOM_SCORE_ADJ, 'utf8').trim();
  } catch {
    return '0';
  }
}

/** Only an agent without privileges may be refused. */
function writeOomScoreAdj(value: string): void {
  try {
    writeFileSync(OOM_SCORE_ADJ, value);
  } catch {
    // The child has the agent's own, and the agent keeps it.
  }
}
