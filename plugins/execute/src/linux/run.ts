import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setImmediate as nextPoll, setTimeout as sleep } from 'node:timers/promises';
import { withCleanInheritance } from '@limiquantix/plugin-sdk/guest';
import type { Deadline, Stop } from '../deadline.ts';
import type { Captured } from '../output.ts';
import type { Launch } from './launch.ts';
import { spawnFailure } from './spawn-failure.ts';
import { Streams, type StreamsOptions } from './streams.ts';

/** How a command ended, and what it had written by then. */
export interface Ending {
  /** -1: killed by `signal`, or never started. */
  readonly exitCode: number;
  /** 0: none. */
  readonly signal: number;
  readonly stdout: Captured;
  readonly stderr: Captured;
  /** Undefined: it ended by itself. */
  readonly stop: Stop | undefined;
}

export interface RunOptions extends StreamsOptions {
  readonly deadline: Deadline;
}

/** A process that is stuck in the kernel dies when the kernel lets it; nobody waits for that. */
const KILL_WAIT_MS = 300;

/**
 * Runs a program in a session of its own until it exits or its deadline stops it.
 * @throws AgentError where it could not be started
 */
export async function runToEnd(launch: Launch, options: RunOptions): Promise<Ending> {
  const streams = await Streams.open(options).catch((thrown: unknown) => {
    throw spawnFailure(launch, thrown);
  });
  try {
    const child = await start(launch, streams);
    const exit = exitOf(child);
    const ended = await options.deadline.orStop(exit);
    if (typeof ended !== 'string') {
      await streams.drain();
      return { ...ended, ...streams.result(), stop: undefined };
    }
    killGroup(child);
    await Promise.race([exit, sleep(KILL_WAIT_MS)]);
    await nextPoll();
    return { exitCode: -1, signal: constants.signals.SIGKILL, ...streams.result(), stop: ended };
  } finally {
    streams.destroy();
  }
}

async function start(launch: Launch, streams: Streams): Promise<ChildProcess> {
  const { file, args, cwd, env, uid, gid } = launch;
  try {
    const child = withCleanInheritance(() =>
      // Detached: a session and process group of its own, which can be killed as one.
      spawn(file, args, { cwd, env, uid, gid, detached: true, stdio: streams.stdio }),
    );
    streams.start(child);
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
    return child;
  } catch (thrown) {
    throw spawnFailure(launch, thrown);
  }
}

async function exitOf(child: ChildProcess): Promise<Pick<Ending, 'exitCode' | 'signal'>> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return { exitCode: code ?? -1, signal: signal ? constants.signals[signal] : 0 };
}

/** Only while its leader has not been waited for: afterwards the number may be another's. */
function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-(pid as number), 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}
