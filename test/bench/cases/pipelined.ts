import { type Bench, type Case, type Contestant, ratioTo } from '../case.ts';
import { cpuMs } from '../proc.ts';
import { Processors } from '../processors.ts';
import { type Pinged, startPinged } from '../servers/pinged.ts';

const WINDOW = 64;
const COUNT = 10_000;

export const pipelined: Case = {
  name: 'pipelined',
  about: `pings, ${WINDOW} of them unanswered at a time, client and server on the same processor`,
  rounds: { quick: 9, full: 41 },
  warmUp: 4,
  rows: [
    {
      title: 'pipelined pings on one processor',
      metric: 'rate',
      unit: '/s',
      better: 'higher',
      against: ratioTo('qemu-ga'),
      gate: 2,
      goal: 5,
    },
    {
      title: 'pipelined ping on one processor, CPU',
      metric: 'cpu',
      unit: 'µs',
      better: 'lower',
      against: ratioTo('qemu-ga'),
    },
    {
      title: 'pipelined pings, processors left to the scheduler',
      metric: 'scheduled',
      unit: '/s',
      better: 'higher',
      against: ratioTo('qemu-ga'),
    },
  ],
  async open(bench) {
    return contestants(await startPinged(bench, COUNT), bench);
  },
};

function contestants(pinged: readonly Pinged[], bench: Bench): Contestant[] {
  const processors = new Processors(bench);
  return pinged.map(({ name, pid, peer, requests }) => {
    const rate = async () => {
      const begin = performance.now();
      await peer.exchange(requests, WINDOW);
      return requests.length / ((performance.now() - begin) / 1000);
    };
    return {
      name,
      async measure() {
        const scheduled = await rate();
        const before = cpuMs(pid);
        const together = await processors.onOne(pid, rate);
        const cpu = ((cpuMs(pid) - before) * 1000) / requests.length;
        return { rate: together, cpu, scheduled };
      },
    };
  });
}
