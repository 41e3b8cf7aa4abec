import { AgentError, type LimitClass } from '@limiquantix/agent-proto';

export interface ClassLimit {
  /** Calls that run at the same time. */
  readonly running: number;
  /** Calls that wait for their turn, and what their requests may hold together. */
  readonly waiting: number;
  readonly waitingBytes: number;
}

export type Limits = Readonly<Record<Exclude<LimitClass, 'none'>, ClassLimit>>;

const waiting = { waiting: 64, waitingBytes: 8 * 1024 * 1024 };

export const DEFAULT_LIMITS: Limits = {
  execution: { running: 8, ...waiting },
  file: { running: 16, ...waiting },
  general: { running: 32, ...waiting },
  control: { running: 8, ...waiting },
};

interface Waiter {
  readonly bytes: number;
  readonly start: () => void;
}

/** Runs calls of each class at most so many at a time; the next ones wait, in order. */
export class Limiter {
  readonly #lanes: Readonly<Record<Exclude<LimitClass, 'none'>, Lane>>;

  constructor(limits: Limits = DEFAULT_LIMITS) {
    this.#lanes = {
      execution: new Lane('execution', limits.execution),
      file: new Lane('file', limits.file),
      general: new Lane('general', limits.general),
      control: new Lane('control', limits.control),
    };
  }

  /**
   * Takes a place. Every acquired place must be given back with {@link release}.
   * @returns undefined where the call may run at once
   * @throws AgentError RATE_LIMIT_EXCEEDED where too many wait already
   */
  acquire(limit: LimitClass, bytes: number, signal: () => AbortSignal): Promise<void> | undefined {
    return limit === 'none' ? undefined : this.#lanes[limit].acquire(bytes, signal);
  }

  release(limit: LimitClass): void {
    if (limit !== 'none') this.#lanes[limit].release();
  }

  /** Calls of the class that have a place. */
  running(limit: Exclude<LimitClass, 'none'>): number {
    return this.#lanes[limit].running;
  }
}

class Lane {
  readonly #name: string;
  readonly #limit: ClassLimit;
  readonly #queue: Waiter[] = [];
  #running = 0;
  #waitingBytes = 0;

  constructor(name: string, limit: ClassLimit) {
    this.#name = name;
    this.#limit = limit;
  }

  get running(): number {
    return this.#running;
  }

  acquire(bytes: number, signal: () => AbortSignal): Promise<void> | undefined {
    if (this.#running < this.#limit.running) {
      this.#running++;
      return undefined;
    }
    const { waiting, waitingBytes } = this.#limit;
    if (this.#queue.length >= waiting || this.#waitingBytes + bytes > waitingBytes) {
      throw this.#tooMany();
    }
    return this.#wait(bytes, signal());
  }

  release(): void {
    const next = this.#queue.shift();
    if (!next) {
      this.#running--;
      return;
    }
    // The place passes on: the number of running calls stays.
    this.#waitingBytes -= next.bytes;
    next.start();
  }

  #wait(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abandon = () => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        this.#waitingBytes -= bytes;
        reject(signal.reason);
      };
      const waiter = {
        bytes,
        start: () => {
          signal.removeEventListener('abort', abandon);
          resolve();
        },
      };
      if (signal.aborted) return reject(signal.reason);
      this.#queue.push(waiter);
      this.#waitingBytes += bytes;
      signal.addEventListener('abort', abandon, { once: true });
    });
  }

  #tooMany(): AgentError {
    const { running } = this.#limit;
    return new AgentError('RATE_LIMIT_EXCEEDED', {
      detail: `${running} requests of the class "${this.#name}" run and ${this.#queue.length} wait`,
      resolution: 'Send fewer requests at the same time',
    });
  }
}
