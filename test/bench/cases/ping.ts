import { type Case, type Contestant, ratioTo } from '../case.ts';
import { pings } from '../clients/frames.ts';
import type { Request } from '../clients/peer.ts';
import { measureLatency } from '../latency.ts';
import { cpuMs } from '../proc.ts';
import { NodeEcho } from '../servers/node-echo.ts';
import { type Pinged, startPinged } from '../servers/pinged.ts';

const COUNT = 2000;

export const ping: Case = {
  name: 'ping',
  about: 'one ping at a time',
  rounds: { quick: 9, full: 41 },
  rows: [
    {
      title: 'ping, p50',
      metric: 'p50',
      unit: 'µs',
      better: 'lower',
      against: ratioTo('qemu-ga'),
      gate: 0.75,
      goal: 0.5,
    },
    {
      title: 'ping, p50',
      metric: 'p50',
      unit: 'µs',
      better: 'lower',
      against: ratioTo('node-echo'),
      gate: 1.5,
      goal: 1.2,
    },
    { title: 'ping, p99', metric: 'p99', unit: 'µs', better: 'lower', against: ratioTo('qemu-ga') },
    { title: 'ping, CPU', metric: 'cpu', unit: 'µs', better: 'lower', against: ratioTo('qemu-ga') },
  ],
  async open(bench) {
    const echo = new NodeEcho(bench.workspace);
    const peer = await echo.connect();
    const floor = { name: 'node-echo', pid: echo.pid, peer, requests: pings(COUNT) };
    return [floor, ...(await startPinged(bench, COUNT))].map(contestant);
  },
};

function contestant({ name, pid, peer, requests }: Pinged): Contestant {
  return {
    name,
    async measure() {
      const cpu = cpuMs(pid);
      let next = 0;
      const latency = await measureLatency(COUNT, () => peer.ask(requests[next++] as Request));
      return {
        p50: latency.p50 * 1000,
        p99: latency.p99 * 1000,
        cpu: ((cpuMs(pid) - cpu) * 1000) / COUNT,
      };
    },
  };
}
