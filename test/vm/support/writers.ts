import { expect, vi } from 'vitest';
import type { Guest } from './guest.ts';

/** On `/` and on `/data`: numbered lines, and files that come and go. */
const FILES = ['/var/writer/lines', '/data/writer/lines'];

/** Programs of a guest that write to both of its disks all the time. */
export class Writers {
  readonly #guest: Guest;

  private constructor(guest: Guest) {
    this.#guest = guest;
  }

  static async start(guest: Guest): Promise<Writers> {
    for (const file of FILES) {
      const loop = `n=0; cd $(dirname ${file})
while :; do n=$((n + 1)); echo $n >>lines; echo $n >$((n % 7)); rm -f $(((n + 3) % 7)); sleep 0.05; done`;
      await guest.ok(
        `mkdir -p $(dirname ${file}); : >${file}; setsid bash -c '${loop}' </dev/null >/dev/null 2>&1 &`,
      );
    }
    const writers = new Writers(guest);
    await writers.expectToWrite();
    return writers;
  }

  /** They stand still, both. */
  async expectToStandStill(): Promise<void> {
    // The last of what was already under way.
    const before = await this.#sizes();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await this.#sizes()).toEqual(before);
  }

  /** They write, both. @returns the milliseconds until then */
  async expectToWrite(limitMs = 30_000): Promise<number> {
    const began = performance.now();
    const before = await this.#sizes();
    const expectGrowth = async () => {
      const after = await this.#sizes();
      expect(after.map((size, n) => size > (before[n] as number))).toEqual([true, true]);
    };
    await vi.waitFor(expectGrowth, { timeout: limitMs, interval: 100 });
    return performance.now() - began;
  }

  async #sizes(): Promise<number[]> {
    const sizes = await this.#guest.run(`stat -c %s ${FILES.join(' ')}`);
    return sizes.stdout.trim().split('\n').map(Number);
  }
}
