import { setTimeout as pause } from 'node:timers/promises';
import { Ping, Quiesce, Thaw } from '@limiquantix/agent-proto';
import { expect, it } from 'vitest';
import { AgentProcess } from '../support/agent-process.ts';
import { GuestRoot, whyNoGuestRoot } from '../support/guest-root.ts';
import { writing } from '../support/mounts.ts';

const CYCLES = 500;

const why = whyNoGuestRoot();
it.skipIf(why)(
  `is thawed after each of ${CYCLES} freezes, which last as long as it says ${why}`,
  async () => {
    const guest = await GuestRoot.start();
    // Telemetry keeps files of network interfaces open, and those come and go.
    const config = 'plugins: {telemetry: {enabled: false}}\n';
    const agent = await AgentProcess.start({ place: guest, config });
    try {
      const client = await agent.client();
      const data = guest.mounts.make('xfs', 'data');
      const written = await guest.mounts.writersOn('/', data);
      const descriptors = agent.descriptors();
      const late: number[] = [];
      for (let i = 0; i < CYCLES; i++) {
        const hold = i % 50;
        const asked = performance.now();
        const { frozen } = await client.call(Quiesce, { timeoutSeconds: 60 });
        const answered = performance.now();
        expect(frozen.map((row) => row.frozen)).toEqual([true, true]);
        await pause(hold);
        if (i % 100 === 0) expect(await writing(written)).toEqual([false, false]);
        const least = performance.now() - answered;
        const { thawedMountPoints, frozenDurationMs } = await client.call(Thaw, {});
        expect(thawedMountPoints).toHaveLength(2);
        // Node's clock and the agent's round differently.
        expect(frozenDurationMs).toBeGreaterThanOrEqual(least - 2);
        expect(frozenDurationMs).toBeLessThanOrEqual(performance.now() - asked + 2);
        // From the answer to the thaw it has stood still anyway; the rest is the agent's own.
        late.push(Number(frozenDurationMs) - least);
        if (i % 100 === 0) expect(await writing(written)).toEqual([true, true]);
      }
      // A few milliseconds, and more where the machine does much else.
      expect(late.sort((a, b) => a - b)[CYCLES / 2]).toBeLessThan(100);
      expect(await writing(written)).toEqual([true, true]);
      await client.call(Ping, {});
      await expect.poll(() => agent.descriptors()).toBe(descriptors);
      await expect.poll(() => agent.children()).toBe(0);
      expect(agent.log).not.toContain('time limit');
    } finally {
      await agent.stop();
      await guest.stop();
    }
  },
);
