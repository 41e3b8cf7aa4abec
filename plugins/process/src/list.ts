import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Init,
  type ListProcessesRequest,
  type ListProcessesResponse,
  type ProcessInfo,
  type ThreadInfo,
  timestampOf,
} from '@limiquantix/plugin-sdk';
import { AccountFiles, type AccountNames } from '@limiquantix/plugin-sdk/guest';
import { AnswerRoom } from './answer-room.ts';
import { cpuPercent, type Sampling, Samplings } from './cpu-usage.ts';
import { readBootTime } from './linux/boot-time.ts';
import { readCommandLine, readUser, readWorkingDirectory } from './linux/describe.ts';
import { type KernelUnits, readKernelUnits } from './linux/kernel-units.ts';
import { type ScannedThread, scanProcesses, scanThreads } from './linux/scan.ts';
import type { ProcessStat } from './linux/stat.ts';
import type { ListedProcesses } from './listed.ts';
import { Slices } from './slices.ts';

export interface ListerOptions {
  /** Between the two samplings that a CPU percentage is made of. */
  readonly sampleMs: number;
  readonly maxMessageBytes: number;
  /** Is told what the host saw. */
  readonly listed: ListedProcesses;
}

const DEFAULT_ENTRIES = 1000;

/** A process with what it is sorted by. */
interface Candidate {
  readonly process: ProcessStat;
  readonly cpu: number;
}

/** What is the same for all processes of a listing. */
interface Guest {
  readonly accounts: AccountNames;
  readonly bootedAt: number;
}

/** Answers list_processes. */
export class Lister {
  readonly #options: ListerOptions;
  readonly #samplings: Samplings;
  readonly #accounts = new AccountFiles();
  readonly #units: KernelUnits = readKernelUnits();

  constructor(options: ListerOptions) {
    this.#options = options;
    this.#samplings = new Samplings(options.sampleMs);
  }

  /**
   * The processes that use the CPUs most, first.
   * The first listing, and one after a minute without any, takes `sampleMs`.
   */
  async list(
    request: ListProcessesRequest,
    signal: AbortSignal,
  ): Promise<Init<ListProcessesResponse>> {
    const baseline = await this.#baseline(signal);
    const slices = new Slices(signal);
    const candidates = this.#ranked(await this.#sample(slices), baseline);
    return { processes: await this.#describe(candidates, request, slices) };
  }

  async #baseline(signal: AbortSignal): Promise<Sampling> {
    for (;;) {
      const found = this.#samplings.baseline(performance.now());
      if (found) return found;
      const waitMs = this.#samplings.wait(performance.now());
      if (waitMs === undefined) await this.#sample(new Slices(signal));
      else await sleep(Math.ceil(waitMs), undefined, { signal });
    }
  }

  async #sample(slices: Slices): Promise<Map<number, ProcessStat>> {
    const at = performance.now();
    const byPid = await scanProcesses(slices);
    this.#samplings.keep({ at, byPid });
    return byPid;
  }

  #ranked(processes: ReadonlyMap<number, ProcessStat>, baseline: Sampling): Candidate[] {
    const { ticksPerSecond } = this.#units;
    return [...processes.values()]
      .map((process) => ({
        process,
        cpu: cpuPercent(process.pid, process, baseline, ticksPerSecond),
      }))
      .sort(
        (a, b) =>
          b.cpu - a.cpu ||
          b.process.residentPages - a.process.residentPages ||
          a.process.pid - b.process.pid,
      );
  }

  async #describe(
    candidates: readonly Candidate[],
    { filter, includeThreads, maxEntries }: ListProcessesRequest,
    slices: Slices,
  ): Promise<Init<ProcessInfo>[]> {
    const room = new AnswerRoom(maxEntries || DEFAULT_ENTRIES, this.#options.maxMessageBytes);
    const wanted = filter.toLowerCase();
    const guest = { accounts: this.#accounts.names(), bootedAt: readBootTime() };
    const rows: Init<ProcessInfo>[] = [];
    for (const candidate of candidates) {
      if (room.full) break;
      if (slices.over) await slices.next();
      const row = this.#row(candidate, wanted, guest);
      if (!row) continue;
      const { pid, startTicks } = candidate.process;
      const threads = includeThreads ? await scanThreads(pid, room.threads, slices) : [];
      const entry = { ...row, threads: threads.map(threadRow) };
      if (!room.take(entry)) break;
      this.#options.listed.remember(pid, startTicks);
      rows.push(entry);
    }
    return rows;
  }

  /** Undefined where it is not wanted, or has gone. */
  #row({ process, cpu }: Candidate, wanted: string, guest: Guest): Init<ProcessInfo> | undefined {
    const { pid, isKernelThread } = process;
    const name = isKernelThread ? `[${process.name}]` : process.name;
    const commandLine = isKernelThread ? '' : readCommandLine(pid);
    if (!`${name}\0${commandLine}`.toLowerCase().includes(wanted)) return undefined;
    const user = isKernelThread ? guest.accounts.user(0) : readUser(pid, guest.accounts);
    if (user === undefined) return undefined;
    const { pageBytes, ticksPerSecond } = this.#units;
    return {
      pid,
      ppid: process.ppid,
      name,
      commandLine,
      user,
      cpuPercent: Math.round(cpu * 10) / 10,
      memoryBytes: process.residentPages * pageBytes,
      state: process.state,
      startedAt: timestampOf(guest.bootedAt + (1000 * process.startTicks) / ticksPerSecond),
      threadCount: process.threadCount,
      workingDirectory: isKernelThread ? '' : readWorkingDirectory(pid),
    };
  }
}

function threadRow({ pid, name, state }: ScannedThread): Init<ThreadInfo> {
  return { tid: pid, name, state };
}
