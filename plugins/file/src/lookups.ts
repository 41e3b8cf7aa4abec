import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { PageCache } from './linux/page-cache.ts';
import type { FileFacts } from './linux/statx.ts';

/**
 * What paths name, looked up once for all who ask within one turn of the event loop, and
 * never before they asked: whatever was done to the path until then is seen.
 */
export class Lookups {
  readonly #asked = new Map<string, Promise<BigIntStats>>();
  readonly #seen = new Map<string, FileFacts | undefined>();

  of(path: string): Promise<BigIntStats> {
    const asked = this.#asked.get(path);
    if (asked) return asked;
    const answer = this.#look(path);
    this.#asked.set(path, answer);
    return answer;
  }

  /**
   * For all who ask before anything else has run, and whose requests therefore came together.
   * @returns undefined where the kernel would have to wait for it, or it names nothing
   */
  now(path: string, cache: PageCache): FileFacts | undefined {
    if (this.#seen.has(path)) return this.#seen.get(path);
    if (this.#seen.size === 0) void Promise.resolve().then(() => this.#seen.clear());
    const facts = cache.stat(path);
    this.#seen.set(path, facts);
    return facts;
  }

  async #look(path: string): Promise<BigIntStats> {
    await new Promise<void>((resolve) => void process.nextTick(resolve));
    this.#asked.delete(path);
    return stat(path, { bigint: true });
  }
}
