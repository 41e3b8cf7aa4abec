import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** As of V8's own extension; `last-resort` also shrinks the young generation. */
type Collect = (options: {
  readonly type: 'major';
  readonly execution: 'async';
  readonly flavor: 'last-resort';
}) => Promise<void>;

/**
 * Gives the guest what reading the configuration and starting has left behind: 3 MB, which
 * V8 would keep for as long as the agent is idle. Costs one pause of about 30 ms of CPU time.
 */
export async function giveBackMemory(): Promise<void> {
  // Not a flag of the launcher: see what ARCHITECTURE.md says of those.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  await collect({ type: 'major', execution: 'async', flavor: 'last-resort' });
}
