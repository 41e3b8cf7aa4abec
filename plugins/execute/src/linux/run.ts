import { constants } from 'node:os';
import { setImmediate as nextPoll, setTimeout as sleep } from 'node:timers/promises';
import type { Deadline, Stop } from '../deadline.ts';
import type { Captured } from '../output.ts';
import type { Child, Exit } from './child.ts';
import { killTree } from './kill-tree.ts';
import type { Launch } from './launch.ts';
import { spawnFailure } from './spawn-failure.ts';
import type { Spawner } from './spawner.ts';
import { Streams } from './streams.ts';

/** How a command ended, and what it had written by then. */
export interface Ending extends Exit {
  readonly stdout: Captured;
  readonly stderr: Captured;
  /** Undefined: it ended by itself. */
  readonly stop: Stop | undefined;
}

export interface RunOptions {
  /** Empty: the command reads from /dev/null. */
  readonly stdin: Uint8Array;
  /** Of each output. */
  readonly maxOutputBytes: number;
  readonly spawner: Pick<Spawner, 'openPipe' | 'spawn'>;
  readonly deadline: Deadline;
}

/** A process that is stuck in the kernel dies when the kernel lets it; nobody waits for that. */
const KILL_WAIT_MS = 300;

/**
 * Runs a program in a session of its own until it exits or its deadline stops it.
 * @throws AgentError where it could not be started
 */
export async function runToEnd(launch: Launch, options: RunOptions): Promise<Ending> {
  const { spawner, deadline } = options;
  const streams = await Streams.open({ ...options, openPipe: spawner.openPipe }).catch(
    (thrown: unknown) => {
      throw spawnFailure(launch, thrown);
    },
  );
  try {
    const child = await start(launch, streams, spawner);
    const ended = await deadline.orStop(child.exit);
    if (typeof ended !== 'string') {
      await streams.drain();
      return { ...ended, ...streams.result(), stop: undefined };
    }
    streams.watch();
    await killTree(child.pid);
    await Promise.race([child.exit, sleep(KILL_WAIT_MS)]);
    await nextPoll();
    return { exitCode: -1, signal: constants.signals.SIGKILL, ...streams.result(), stop: ended };
  } finally {
    streams.destroy();
  }
}

async function start(
  launch: Launch,
  streams: Streams,
  spawner: RunOptions['spawner'],
): Promise<Child> {
  try {
    const child = await spawner.spawn(launch, streams.stdio);
    streams.start(child);
    return child;
  } catch (thrown) {
    throw spawnFailure(launch, thrown);
  }
}
