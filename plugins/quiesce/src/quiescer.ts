import { setTimeout as pause } from 'node:timers/promises';
import {
  AgentError,
  type FreezeGate,
  type Init,
  type Logger,
  type QuiesceRequest,
  type QuiesceResponse,
  type ThawRequest,
  type ThawResponse,
  timestampOf,
} from '@limiquantix/plugin-sdk';
import { alreadyQuiesced, notQuiesced, notQuiet, quiesceFailed, wrongToken } from './errors.ts';
import { Freeze } from './freeze.ts';
import { unpin } from './linux/pinned.ts';
import { type FreezeRecord, RecordFile } from './linux/record.ts';
import { FREEZE_ID, thawRecorded } from './linux/recovery.ts';
import { beginRun, endOf, type Run } from './run.ts';
import { Scripts } from './scripts.ts';

export interface QuiesceConfig {
  readonly pre_freeze_script_dir: string;
  readonly post_thaw_script_dir: string;
  readonly script_timeout_secs: number;
  readonly max_timeout_secs: number;
  readonly state_file: string;
}

export interface QuiescerOptions {
  readonly config: QuiesceConfig;
  readonly gate: FreezeGate;
  readonly log: Logger;
}

type State = 'thawed' | 'freezing' | 'frozen' | 'thawing';

const BUSY: Readonly<Record<Exclude<State, 'thawed'>, string>> = {
  freezing: 'another quiesce is being served',
  frozen: 'thaw them first',
  thawing: 'they are being thawed, or post-thaw scripts still run',
};

/** How long the rest of the agent may take to stop writing. */
const CLOSE_LIMIT_MS = 10_000;

/** A quiesce that failed does not wait longer than this for a disk that hangs. */
const ABANDON_LIMIT_MS = 2000;

/** An agent that stops has a second for everything; its guard and its scripts go on alone. */
const STOP_LIMIT_MS = 250;

/** Hosts wait for an agent that starts. */
const START_LIMIT_MS = 1000;

/** The guest's freeze: at most one at a time. */
export class Quiescer {
  readonly #options: QuiescerOptions;
  readonly #scripts: Scripts;
  readonly #records: RecordFile;
  #state: State = 'thawed';
  #run: Run | undefined;
  /** Resolves when nothing is under way. */
  #idle: Promise<void> = Promise.resolve();
  #lastEnd = 'nothing was frozen since the agent started';
  #stopping = new AbortController();
  /** By a thaw that came before the freeze was complete. */
  #calledOff = new AbortController();
  /** No further script is started then. */
  #leaving = new AbortController();

  constructor(options: QuiescerOptions) {
    const { config, log } = options;
    this.#options = options;
    this.#records = new RecordFile(config.state_file, log);
    this.#scripts = new Scripts({
      preFreezeDir: config.pre_freeze_script_dir,
      postThawDir: config.post_thaw_script_dir,
      timeoutMs: config.script_timeout_secs * 1000,
      log,
    });
  }

  /** Ends what an agent before this one began. */
  async start(): Promise<void> {
    this.#stopping = new AbortController();
    this.#leaving = new AbortController();
    const record = this.#records.read();
    if (!record) return;
    this.#state = 'thawing';
    this.#idle = this.#recover(record);
    await within(START_LIMIT_MS, this.#idle);
  }

  /** @throws AgentError ALREADY_QUIESCED, QUIESCE_FAILED */
  async quiesce(request: QuiesceRequest, signal: AbortSignal): Promise<Init<QuiesceResponse>> {
    if (this.#state !== 'thawed') throw alreadyQuiesced(BUSY[this.#state]);
    this.#state = 'freezing';
    this.#calledOff = new AbortController();
    const run = await this.#begin(request);
    try {
      const signals = [signal, this.#stopping.signal, this.#calledOff.signal];
      const freeze = await this.#freeze(run, AbortSignal.any(signals));
      run.frozen = true;
      this.#state = 'frozen';
      return {
        frozen: [...freeze.rows, ...run.selection.skipped],
        quiesceToken: run.token,
        autoThawAt: timestampOf(Date.now() - freeze.durationMs + run.seconds * 1000),
      };
    } catch (thrown) {
      await this.#abandon(run);
      throw AgentError.is(thrown) ? thrown : quiesceFailed(String(thrown), { cause: thrown });
    }
  }

  /** @throws AgentError NOT_QUIESCED, THAW_FAILED */
  async thaw({ quiesceToken, mountPoints, skipScripts }: ThawRequest): Promise<Init<ThawResponse>> {
    const run = this.#run;
    // A host that gave up on its quiesce, and knows no cancel, would leave a freeze to come.
    if (this.#state === 'freezing' && quiesceToken === '') this.#calledOff.abort();
    if (this.#state !== 'frozen' || !run?.freeze) throw notQuiesced(this.#whyNotFrozen());
    if (quiesceToken !== '' && quiesceToken !== run.token) throw wrongToken();
    const { freeze } = run;
    const before = freeze.thawed.length;
    run.skipPostThaw = skipScripts;
    let over = false;
    try {
      over = await this.#thaw(freeze, mountPoints);
    } finally {
      // It was said of this thaw alone, not of what ends the freeze after it.
      if (!over) run.skipPostThaw = false;
    }
    if (over) await run.ended.promise;
    // Then they could be written to before this thaw came, which spoils what a host copied.
    if (over && freeze.expired) throw notQuiesced(this.#lastEnd);
    return {
      thawedMountPoints: freeze.thawed.slice(before),
      frozenDurationMs: freeze.durationMs,
    };
  }

  /** Thaws, and lets the scripts begin for which there is time. */
  async stop(): Promise<void> {
    await this.#thawToStop().catch(() => undefined);
    await within(STOP_LIMIT_MS, this.#idle);
    this.#leaving.abort();
  }

  async #begin(request: QuiesceRequest): Promise<Run> {
    try {
      const run = await beginRun(request, this.#options.config.max_timeout_secs, this.#records);
      this.#run = run;
      this.#idle = run.ended.promise;
      return run;
    } catch (thrown) {
      this.#state = 'thawed';
      throw thrown;
    }
  }

  async #freeze(run: Run, signal: AbortSignal): Promise<Freeze> {
    const { gate, log } = this.#options;
    const { record, seconds, selection } = run;
    if (!record.skip_scripts) await this.#scripts.preFreeze(signal);
    const closed = gate.close(() => this.#thawToStop());
    if (!(await within(CLOSE_LIMIT_MS, closed))) throw notQuiet(CLOSE_LIMIT_MS / 1000);
    const { filesystems } = selection;
    const env = { [FREEZE_ID]: record.freeze_id };
    const freeze = await Freeze.begin({ filesystems, seconds, env, log });
    run.freeze = freeze;
    void freeze.over.then(() => this.#finish(run));
    await freeze.freezeAll(signal);
    log.info('filesystems frozen', {
      mount_points: freeze.rows.filter((row) => row.frozen).map((row) => row.mountPoint),
      thawed_after_secs: seconds,
    });
    return freeze;
  }

  async #abandon(run: Run): Promise<void> {
    this.#state = 'thawing';
    if (!run.freeze) return this.#finish(run);
    // What the kernel does not thaw is logged, and tried again.
    const thawed = run.freeze.thaw().then(
      () => run.ended.promise,
      () => undefined,
    );
    if (await within(ABANDON_LIMIT_MS, run.freeze.over)) await thawed;
  }

  /** @returns whether nothing is frozen any more */
  async #thaw(freeze: Freeze, mountPoints: readonly string[]): Promise<boolean> {
    if (mountPoints.length > 0) return freeze.thawSome(mountPoints);
    this.#state = 'thawing';
    try {
      await freeze.thaw();
      return true;
    } catch (thrown) {
      this.#state = 'frozen';
      throw thrown;
    }
  }

  async #thawToStop(): Promise<void> {
    this.#stopping.abort();
    await within(STOP_LIMIT_MS, this.#run?.freeze?.thaw());
  }

  /** Once nothing is frozen any more. */
  async #finish(run: Run): Promise<void> {
    const { gate, log } = this.#options;
    const { freeze, record, selection, skipPostThaw } = run;
    this.#state = 'thawing';
    this.#lastEnd = endOf(run);
    try {
      gate.open();
      selection.filesystems.forEach(unpin);
      if (freeze?.expired) log.warn(this.#lastEnd, { frozen_ms: freeze.durationMs });
      else if (freeze) log.info(this.#lastEnd, { frozen_ms: freeze.durationMs });
      await this.#conclude({ ...record, skip_scripts: record.skip_scripts || skipPostThaw });
    } finally {
      this.#state = 'thawed';
      this.#run = undefined;
      run.ended.resolve();
    }
  }

  async #recover(record: FreezeRecord): Promise<void> {
    const { log } = this.#options;
    log.warn('an earlier agent left a freeze behind', {
      mount_points: record.filesystems.map((filesystem) => filesystem.mount_point),
    });
    this.#lastEnd = 'they were thawed when the agent was started again';
    await thawRecorded(record, log).catch((error) => log.error(`not thawed: ${error}`));
    await this.#conclude(record).finally(() => {
      this.#state = 'thawed';
    });
  }

  async #conclude(record: FreezeRecord): Promise<void> {
    const complete =
      record.skip_scripts ||
      (await this.#scripts.postThaw({
        done: record.post_thaw_done,
        onStart: (done) => this.#records.update({ ...record, post_thaw_done: done }),
        signal: this.#leaving.signal,
      }));
    // Else the next agent runs the rest of them.
    if (complete) this.#records.remove();
  }

  #whyNotFrozen(): string {
    if (this.#state === 'thawed') return this.#lastEnd;
    if (this.#state === 'thawing') return BUSY.thawing;
    return this.#calledOff.signal.aborted
      ? 'the quiesce that was being served is called off'
      : 'the quiesce is still being served; cancel it, or thaw without a token, to stop it';
  }
}

/** @returns whether it came in time */
async function within(limitMs: number, what: Promise<void> | undefined): Promise<boolean> {
  const late = pause(limitMs, false, { ref: false });
  return await Promise.race([Promise.resolve(what).then(() => true), late]);
}
