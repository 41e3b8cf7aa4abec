import { type Case, type Contestant, ratioTo } from '../case.ts';
import { cpuMs } from '../proc.ts';
import { type Pinged, startPinged } from '../servers/pinged.ts';

const WINDOW = 64;
const COUNT = 10_000;

export const pipelined: Case = {
  name: 'pipelined',
  about: `pings, ${WINDOW} of them unanswered at a time`,
  rounds: { quick: 9, full: 41 },
  rows: [
    {
      title: 'pipelined pings',
      metric: 'rate',
      unit: '/s',
      better: 'higher',
      against: ratioTo('qemu-ga'),
      gate: 2,
      goal: 5,
    },
    {
      title: 'pipelined ping, CPU',
      metric: 'cpu',
      unit: 'µs',
      better: 'lower',
      against: ratioTo('qemu-ga'),
    },
  ],
  async open(bench) {
    return (await startPinged(bench, COUNT)).map(contestant);
  },
};

function contestant({ name, pid, peer, requests }: Pinged): Contestant {
  return {
    name,
    async measure() {
      const cpu = cpuMs(pid);
      const begin = performance.now();
      await peer.exchange(requests, WINDOW);
      const seconds = (performance.now() - begin) / 1000;
      return {
        rate: requests.length / seconds,
        cpu: ((cpuMs(pid) - cpu) * 1000) / requests.length,
      };
    },
  };
}
