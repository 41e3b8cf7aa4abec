import type {
  AgentError,
  Call,
  ExecuteRequest,
  ExecuteResponse,
  Init,
  Logger,
} from '@limiquantix/plugin-sdk';
import { Deadline, type Stop } from './deadline.ts';
import { environmentOf } from './environment.ts';
import { stopped } from './errors.ts';
import { Identities } from './linux/identity.ts';
import { type Launch, launchAs, launchFailure } from './linux/launch.ts';
import { resolveProgram } from './linux/resolve-program.ts';
import { type Ending, runToEnd } from './linux/run.ts';
import { Spawner } from './linux/spawner.ts';
import { workingDirectory } from './linux/working-directory.ts';

/** The plugin's settings, as its manifest describes them. */
export interface ExecuteConfig {
  /** The longest that a command may run; what `timeout_seconds` 0 stands for. */
  readonly max_timeout_secs: number;
}

export interface ExecutorOptions {
  readonly config: ExecuteConfig;
  readonly maxMessageBytes: number;
  readonly log: Logger;
  readonly identities?: Identities;
}

/** Of each stream, where the host asks for no other bound. */
const DEFAULT_OUTPUT_BYTES = 1024 * 1024;
/** What an answer holds besides its two streams: envelope, error text, numbers. */
const ANSWER_OVERHEAD_BYTES = 16 * 1024;

/** Answers execute requests. */
export class Executor {
  readonly #config: ExecuteConfig;
  readonly #maxOutputBytes: number;
  readonly #identities: Identities;
  readonly #spawner: Spawner;
  readonly #disposing = new AbortController();

  constructor({ config, maxMessageBytes, log, identities = new Identities() }: ExecutorOptions) {
    this.#config = config;
    this.#maxOutputBytes = Math.max(0, Math.floor((maxMessageBytes - ANSWER_OVERHEAD_BYTES) / 2));
    this.#identities = identities;
    this.#spawner = new Spawner(log);
  }

  /**
   * Runs a command to its end, its deadline, or until the call is cancelled.
   * @throws AgentError where it could not be started. One that was stopped is answered
   *   with what it had written, and the error beside it.
   */
  async execute(
    request: ExecuteRequest,
    call: Pick<Call, 'signal' | 'cutShort'>,
  ): Promise<Init<ExecuteResponse>> {
    const startedAt = performance.now();
    const timeoutMs = this.#timeoutMs(request);
    const deadline = new Deadline(timeoutMs, [call.signal, this.#disposing.signal]);
    try {
      const launch = await deadline.orStop(this.#prepare(request));
      const ending =
        typeof launch === 'string'
          ? neverStarted(launch)
          : await this.#run(launch, request, deadline);
      const error = ending.stop && stopped(ending.stop, timeoutMs);
      if (error) call.cutShort(error);
      return answer(ending, { error, durationMs: performance.now() - startedAt });
    } finally {
      deadline.clear();
    }
  }

  /** Kills what still runs. */
  dispose(): void {
    this.#disposing.abort();
    this.#spawner.close();
  }

  async #prepare(request: ExecuteRequest): Promise<Launch> {
    const identity = await this.#identities.resolve(request);
    const env = environmentOf(identity.account, request.environment);
    // At the same time: each waits for the disk.
    const directory = workingDirectory(request.workingDirectory, identity);
    const [cwd, program] = await Promise.all([
      directory,
      resolveProgram(request, { directory, path: env.PATH ?? '' }),
    ]);
    return launchAs({ ...program, cwd, env }, identity);
  }

  async #run(launch: Launch, request: ExecuteRequest, deadline: Deadline): Promise<Ending> {
    const { stdin } = request;
    const maxOutputBytes = this.#outputBytes(request);
    const spawner = this.#spawner;
    const ending = await runToEnd(launch, { stdin, maxOutputBytes, spawner, deadline });
    const failure = launchFailure(launch, ending.exitCode, ending.stderr.text);
    if (failure) throw failure;
    return ending;
  }

  #timeoutMs({ timeoutSeconds }: ExecuteRequest): number {
    const max = this.#config.max_timeout_secs;
    return 1000 * (timeoutSeconds === 0 ? max : Math.min(timeoutSeconds, max));
  }

  #outputBytes({ maxOutputBytes }: ExecuteRequest): number {
    return Math.min(maxOutputBytes || DEFAULT_OUTPUT_BYTES, this.#maxOutputBytes);
  }
}

const NOTHING = { text: '', truncated: false };

function neverStarted(stop: Stop): Ending {
  return { exitCode: -1, signal: 0, stdout: NOTHING, stderr: NOTHING, stop };
}

function answer(
  { exitCode, signal, stdout, stderr, stop }: Ending,
  { error, durationMs }: { readonly error: AgentError | undefined; readonly durationMs: number },
): Init<ExecuteResponse> {
  return {
    exitCode,
    signal,
    stdout: stdout.text,
    stderr: stderr.text,
    stdoutTruncated: stdout.truncated,
    stderrTruncated: stderr.truncated,
    durationMs: Math.round(durationMs),
    timedOut: stop === 'timed out',
    error: error?.toString(),
  };
}
