import type { Property } from './requests.ts';

/** Changes of one property; those that came while nobody waited count. */
export interface PropertyWatch {
  /** @throws Error where none comes in time */
  next(timeoutMs: number): Promise<void>;
  stop(): void;
}

/** Hands PropertyNotify events to those who watch a property. */
export class PropertyChanges {
  readonly #watches = new Map<string, () => void>();

  notify(event: Buffer): void {
    const where = { window: event.readUInt32LE(4), property: event.readUInt32LE(8) };
    this.#watches.get(keyOf(where, event[16] === 1 ? 'deleted' : 'written'))?.();
  }

  watch(where: Property, what: 'written' | 'deleted'): PropertyWatch {
    const key = keyOf(where, what);
    let came = 0;
    let wake: (() => void) | undefined;
    const notice = () => {
      came += 1;
      wake?.();
    };
    this.#watches.set(key, notice);
    return {
      async next(timeoutMs) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, timeoutMs);
        wake = resolve;
        if (came === 0) await promise;
        clearTimeout(timer);
        if (came === 0) throw new Error('the other program does not go on');
        came -= 1;
      },
      stop: () => {
        if (this.#watches.get(key) === notice) this.#watches.delete(key);
      },
    };
  }
}

function keyOf({ window, property }: Property, what: string): string {
  return `${window} ${property} ${what}`;
}
