import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';

/**
 * What paths name, looked up once for all who ask within one turn of the event loop, and
 * never before they asked: whatever was done to the path until then is seen.
 */
export class Lookups {
  readonly #asked = new Map<string, Promise<BigIntStats>>();

  of(path: string): Promise<BigIntStats> {
    const asked = this.#asked.get(path);
    if (asked) return asked;
    const answer = this.#look(path);
    this.#asked.set(path, answer);
    return answer;
  }

  async #look(path: string): Promise<BigIntStats> {
    await new Promise<void>((resolve) => void process.nextTick(resolve));
    this.#asked.delete(path);
    return stat(path, { bigint: true });
  }
}
