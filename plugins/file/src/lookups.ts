import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type FileFacts, nameCache } from '@limiquantix/plugin-sdk/guest';

/**
 * What paths name, looked up once for all who ask within one turn of the event loop, and
 * never before they asked: whatever was done to the path until then is seen.
 */
export class Lookups {
  readonly #asked = new Map<string, Promise<BigIntStats>>();
  #seen: string | undefined;
  #facts: FileFacts | undefined;

  of(path: string): Promise<BigIntStats> {
    const asked = this.#asked.get(path);
    if (asked) return asked;
    const answer = this.#look(path);
    this.#asked.set(path, answer);
    return answer;
  }

  /**
   * For all who ask one after the other, before anything else runs: their requests came together.
   * @returns undefined where the kernel would have to wait for it, or it names nothing
   */
  now(path: string): FileFacts | undefined {
    if (this.#seen === undefined) void Promise.resolve().then(this.#forget);
    if (this.#seen !== path) this.#facts = nameCache()?.stat(path);
    this.#seen = path;
    return this.#facts;
  }

  readonly #forget = (): void => {
    this.#seen = undefined;
  };

  async #look(path: string): Promise<BigIntStats> {
    await new Promise<void>((resolve) => void process.nextTick(resolve));
    this.#asked.delete(path);
    return stat(path, { bigint: true });
  }
}
