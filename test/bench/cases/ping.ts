import { type Bench, type Case, type Contestant, ratioTo } from '../case.ts';
import { pings } from '../clients/frames.ts';
import type { Request } from '../clients/peer.ts';
import { type Latency, measureLatency } from '../latency.ts';
import { cpuMs } from '../proc.ts';
import { Processors } from '../processors.ts';
import { NodeEcho } from '../servers/node-echo.ts';
import { type Pinged, startPinged } from '../servers/pinged.ts';

const COUNT = 2000;
/** Where the scheduler decides each takes up to five times as long. */
const SCHEDULED_COUNT = 500;

export const ping: Case = {
  name: 'ping',
  about: 'one ping at a time, client and server on the same processor',
  rounds: { quick: 9, full: 41 },
  warmUp: 10,
  rows: [
    {
      title: 'ping on one processor, p50',
      metric: 'p50',
      unit: 'µs',
      better: 'lower',
      against: ratioTo('qemu-ga'),
      gate: 0.75,
      goal: 0.5,
    },
    {
      title: 'ping on one processor, p50',
      metric: 'p50',
      unit: 'µs',
      better: 'lower',
      against: ratioTo('node-echo'),
      gate: 1.5,
      goal: 1.2,
    },
    {
      title: 'ping on one processor, p99',
      metric: 'p99',
      unit: 'µs',
      better: 'lower',
      against: ratioTo('qemu-ga'),
    },
    {
      title: 'ping on one processor, CPU',
      metric: 'cpu',
      unit: 'µs',
      better: 'lower',
      against: ratioTo('qemu-ga'),
    },
    {
      title: 'ping, processors left to the scheduler, p50',
      metric: 'scheduled',
      unit: 'µs',
      better: 'lower',
      against: ratioTo('qemu-ga'),
    },
    {
      title: 'ping, processors left to the scheduler, p50',
      metric: 'scheduled',
      unit: 'µs',
      better: 'lower',
      against: ratioTo('node-echo'),
    },
  ],
  async open(bench) {
    const echo = new NodeEcho(bench.workspace);
    const peer = await echo.connect();
    const floor = { name: 'node-echo', pid: echo.pid, peer, requests: pings(COUNT) };
    const pinged = [floor, ...(await startPinged(bench, COUNT))];
    return contestants(pinged, bench);
  },
};

function contestants(pinged: readonly Pinged[], bench: Bench): Contestant[] {
  const processors = new Processors(bench);
  return pinged.map(({ name, pid, peer, requests }) => {
    const measure = (count: number): Promise<Latency> => {
      let next = 0;
      return measureLatency(count, () => peer.ask(requests[next++] as Request));
    };
    return {
      name,
      async measure() {
        const scheduled = await measure(SCHEDULED_COUNT);
        const { latency, cpu } = await processors.onOne(pid, async () => {
          const before = cpuMs(pid);
          return { latency: await measure(COUNT), cpu: cpuMs(pid) - before };
        });
        return {
          p50: latency.p50 * 1000,
          p99: latency.p99 * 1000,
          cpu: (cpu * 1000) / COUNT,
          scheduled: scheduled.p50 * 1000,
        };
      },
    };
  });
}
