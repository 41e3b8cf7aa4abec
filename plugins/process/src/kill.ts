import type { Init, KillProcessRequest, KillProcessResponse } from '@limiquantix/plugin-sdk';
import {
  alreadyDead,
  isThread,
  killFailed,
  pidReused,
  processNotFound,
  processProtected,
  signalNotAllowed,
} from './errors.ts';
import { ancestorsOf, runSameProgram } from './linux/kinship.ts';
import { type ProcessStat, readStat } from './linux/stat.ts';
import { readThreadGroup } from './linux/thread-group.ts';
import type { ListedProcesses } from './listed.ts';

const SIGNALS: ReadonlyMap<number, string> = new Map([
  [15, 'SIGTERM (15)'],
  [9, 'SIGKILL (9)'],
  [1, 'SIGHUP (1)'],
  [2, 'SIGINT (2)'],
  [3, 'SIGQUIT (3)'],
]);
const DEFAULT_SIGNAL = 15;

/** Answers kill_process. */
export class Killer {
  readonly #listed: Pick<ListedProcesses, 'startTicksOf'>;

  constructor(listed: Pick<ListedProcesses, 'startTicksOf'>) {
    this.#listed = listed;
  }

  /**
   * Sends a signal to one process. Synchronous throughout: what was checked is what is
   * killed, short of a pid that is reused within microseconds.
   * @throws AgentError KILL_FAILED, PROCESS_NOT_FOUND
   */
  kill({ pid, signal: requested }: KillProcessRequest): Init<KillProcessResponse> {
    const signal = requested || DEFAULT_SIGNAL;
    if (!SIGNALS.has(signal)) throw signalNotAllowed(signal, [...SIGNALS.values()]);
    refuseNumber(pid);
    // From 2^31 on a number would mean groups, or everybody: those are no processes.
    const target = readStat(`/proc/${pid}/stat`);
    if (!target) throw processNotFound(pid);
    refuseThread(pid);
    refuseTarget(target);
    this.#refuseReused(target);
    send(pid, signal);
    return {};
  }

  #refuseReused({ pid, startTicks, name }: ProcessStat): void {
    const listed = this.#listed.startTicksOf(pid);
    if (listed !== undefined && listed !== startTicks) throw pidReused(pid, name);
  }
}

function refuseNumber(pid: number): void {
  if (pid === 0) throw processProtected(pid, 'is no process, but the whole group of the agent');
  if (pid === 1) throw processProtected(pid, 'is the init process of the guest');
  if (pid === process.pid) throw processProtected(pid, 'is the guest agent itself');
}

/** The kernel takes the number of any thread for its whole process, the agent's own too. */
function refuseThread(pid: number): void {
  const group = readThreadGroup(pid);
  if (group !== undefined && group !== pid) throw isThread(pid, group);
}

function refuseTarget({ pid, ppid, isKernelThread, state }: ProcessStat): void {
  if (isKernelThread) throw processProtected(pid, 'is a thread of the kernel');
  if (state === 'zombie') throw alreadyDead(pid, ppid);
  if (ancestorsOf(process.pid).has(pid)) {
    throw processProtected(pid, 'started the guest agent, and would end it too');
  }
  // Commands that the host runs are descendants too, but run other programs.
  if (ancestorsOf(pid).has(process.pid) && runSameProgram(pid, process.pid)) {
    throw processProtected(pid, 'is a part of the guest agent');
  }
}

function send(pid: number, signal: number): void {
  try {
    process.kill(pid, signal);
  } catch (thrown) {
    const gone = (thrown as { readonly code?: string }).code === 'ESRCH';
    throw gone ? processNotFound(pid) : killFailed(pid, signal, thrown);
  }
}
