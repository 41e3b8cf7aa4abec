import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { quiesceFailed, toolMissing } from '../errors.ts';
import { ENVIRONMENT } from './fsfreeze.ts';
import type { Pinned } from './pinned.ts';

/**
 * What the guard runs, in any POSIX shell. It has to work while everything is frozen: it
 * writes no file and starts small programs only.
 *
 * The relay passes on which descriptors are frozen, line by line, until it is told that the
 * freeze is complete. A second one then does the same with the whole time limit. When a relay
 * ends in another way (the limit, `thaw`, no agent any more) everything is thawed: side by
 * side, since one that lies in a file of another can only be thawed after that one. What is
 * not thawed then may still be freezing: it is tried again once nobody holds the agent's
 * end of the pipe, which those who freeze inherit. `read` waits for that, and no `cat`: that of
 * busybox moves data in the kernel, and locks the pipe that it writes to against its reader.
 */
const SCRIPT = `
for tool in timeout fsfreeze; do
  command -v "$tool" >/dev/null || { echo "missing $tool"; exit 127; }
done
relay='
  echo ready
  while read -r word frozen; do
    case $word in
      frozen) echo "frozen $frozen" ;;
      complete) exit 0 ;;
      thaw) echo asked; exit 1 ;;
    esac
  done
  exit 1'
thaw() {
  fsfreeze --unfreeze "/proc/self/fd/$1" 2>/dev/null && echo "thawed $1"
}
thaw_all() {
  jobs=
  for fd in $frozen; do
    thaw "$fd" &
    jobs="$jobs $fd:$!"
  done
  frozen=
  for job in $jobs; do
    wait "\${job#*:}" || frozen="$frozen \${job%:*}"
  done
}
trap : HUP INT TERM
{
  timeout "$1" sh -c "$relay" && timeout "$1" sh -c "$relay"
  echo over
  while read -r line; do echo "$line"; done
} | {
  trap '' HUP INT TERM PIPE
  frozen=
  while read -r word rest && [ "$word" != over ]; do
    case $word in
      frozen) frozen=$rest ;;
      *) echo "$word" ;;
    esac
  done
  echo thawing
  thaw_all
  while read -r word rest; do
    [ "$word" = frozen ] && frozen="$frozen $rest"
  done
  thaw_all
}`;

/** The descriptors of filesystems follow those of input, output and errors. */
const FIRST_FD = 3;

export interface GuardOptions {
  readonly filesystems: readonly Pinned[];
  /** The limit, once for freezing and then once more for being frozen. */
  readonly seconds: number;
  /** Told apart by it: every process of this freeze has it in its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A process of its own that thaws when the time is over or the agent is no more, started
 * before anything is frozen. It serves one freeze and ends with it.
 */
export class Guard {
  /** Resolves when it begins to thaw, or is no more. */
  readonly thawing: Promise<void>;
  /** Resolves when it is no more, and with it everything that it started. */
  readonly ended: Promise<void>;
  readonly #input: Writable;
  readonly #ready: (() => void)[] = [];
  #asked = false;
  #onThawed: (index: number) => void = () => {};
  #beginThaw: () => void = () => {};
  #missing = '';

  private constructor({ filesystems, seconds, env }: GuardOptions) {
    const child = spawn('sh', ['-c', SCRIPT, 'limiquantix-freeze-guard', String(seconds)], {
      cwd: '/',
      env: { ...ENVIRONMENT, ...env },
      stdio: ['pipe', 'pipe', 'ignore', ...filesystems.map(({ fd }) => fd)],
      // Signals to the agent's process group are not for it.
      detached: true,
    });
    this.#input = child.stdin as Writable;
    this.thawing = new Promise((resolve) => {
      this.#beginThaw = resolve;
    });
    this.ended = new Promise((resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    });
    child.once('exit', () => this.#letGo());
    // Whether it still lives is seen from its end, not from a failed write.
    this.#input.on('error', () => {});
    const lines = createInterface({ input: child.stdout as Readable });
    lines.on('line', (line) => this.#heard(line));
    lines.on('error', () => {});
  }

  /**
   * Resolves when it watches.
   * @throws AgentError QUIESCE_FAILED where it cannot
   */
  static async start(options: GuardOptions): Promise<Guard> {
    const guard = new Guard(options);
    await guard.#untilReady();
    return guard;
  }

  /** Whether it thaws because it was asked to: not if the time was over before that. */
  get asked(): boolean {
    return this.#asked;
  }

  /** To be inherited by a process that freezes. */
  get held(): Writable {
    return this.#input;
  }

  /** @param listener gets the place in `filesystems` of each that it has thawed */
  onThawed(listener: (index: number) => void): void {
    this.#onThawed = listener;
  }

  /** What it has to thaw: places in `filesystems`. */
  watch(indexes: Iterable<number>): void {
    this.#input.write(`frozen ${[...indexes].map((index) => FIRST_FD + index).join(' ')}\n`);
  }

  /**
   * Everything is frozen: from now on the time counts.
   * @throws AgentError QUIESCE_FAILED where it is no more
   */
  async complete(): Promise<void> {
    const ready = this.#untilReady();
    this.#input.write('complete\n');
    await ready;
  }

  thaw(): void {
    if (this.#input.writable) this.#input.write('thaw\n', () => this.#letGo());
  }

  async #untilReady(): Promise<void> {
    const lost = this.ended.then(() => {
      throw this.#missing === ''
        ? quiesceFailed('the process that guards the freeze ended')
        : toolMissing(this.#missing);
    });
    await Promise.race([new Promise<void>((resolve) => this.#ready.push(resolve)), lost]);
  }

  #heard(line: string): void {
    const [, word, rest = ''] = /^(\w+) ?(.*)$/.exec(line) ?? [];
    if (word === 'ready') this.#ready.shift()?.();
    else if (word === 'asked') this.#asked = true;
    else if (word === 'missing') this.#missing = rest;
    else if (word === 'thawing') this.#letGo();
    else if (word === 'thawed') this.#onThawed(Number(rest) - FIRST_FD);
  }

  /** It waits for this where it has to thaw a second time. */
  #letGo(): void {
    this.#beginThaw();
    this.#input.destroy();
  }
}
