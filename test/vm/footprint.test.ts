import { AgentClient } from '@limiquantix/agent-client';
import { Execute, Ping } from '@limiquantix/agent-proto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { quantile } from '../bench/statistics.ts';
import { recordGuestFigures } from '../support/guest-figures.ts';
import { isEvent, RawHost } from '../support/raw-host.ts';
import { type Guest, restoreGuest } from './support/guest.ts';

const COMMANDS = 50;
/** Until V8, which is emulated too, has compiled what runs for each of them. */
const FIRST_COMMANDS = 150;
const HOSTS = 7;
/** Of a single answer, on a machine that has a lot else to do. */
const LIMIT_MS = 30_000;

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest({ gateway: false });
});
afterAll(() => guest.stop());

/** @param warmUp how many do not count: code is loaded when it is first used */
async function medianMs(
  times: number,
  measure: () => Promise<number>,
  warmUp = 1,
): Promise<number> {
  const taken: number[] = [];
  for (let i = 0; i < warmUp + times; i++) taken.push(await measure());
  return quantile(taken.slice(warmUp), 0.5);
}

it('tells a new host of the guest as soon as it is there', async () => {
  const telemetryMs = await medianMs(HOSTS, async () => {
    const began = performance.now();
    const host = await RawHost.connect(guest.socketPath, { strayBytes: true });
    // As the client does it: the port alone does not tell of each change of hosts.
    host.request(Ping, { greet: true });
    await host.next(isEvent('telemetry'), LIMIT_MS);
    const ms = performance.now() - began;
    host.close();
    return ms;
  });
  recordGuestFigures({ telemetryMs });
  console.log(`first telemetry ${telemetryMs.toFixed(0)} ms after a host connects`);
  // Well before the next report by the clock.
  expect(telemetryMs).toBeLessThan(3000);
});

it('answers soon for a program that does nothing', async () => {
  const client = await AgentClient.connect({ path: guest.socketPath });
  try {
    await client.call(Ping, {}, { timeoutMs: LIMIT_MS });
    const run = async () => {
      const began = performance.now();
      // Arguments say that no shell is wanted.
      const { exitCode } = await client.call(Execute, { command: '/bin/true', args: ['-'] });
      expect(exitCode).toBe(0);
      return performance.now() - began;
    };
    const firstMs = await run();
    const commandMs = await medianMs(COMMANDS, run, FIRST_COMMANDS);
    recordGuestFigures({ commandMs });
    const loop = `time (for i in $(seq ${COMMANDS}); do /bin/true -; done)`;
    const inShell = await guest.ok(`TIMEFORMAT=%R; ${loop}`);
    console.log(
      `/bin/true ${commandMs.toFixed(1)} ms from request to answer, the first ${firstMs.toFixed(0)}; ` +
        `${((Number(inShell) * 1000) / COMMANDS).toFixed(1)} of bash in the guest`,
    );
    expect(commandMs).toBeLessThan(1000);
  } finally {
    await client.close();
  }
});
