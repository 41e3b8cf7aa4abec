import { type Case, type Contestant, ratioTo } from '../case.ts';
import { pings } from '../clients/frames.ts';
import { command } from '../clients/json-lines.ts';
import type { Peer, Request } from '../clients/peer.ts';
import { cpuMs } from '../proc.ts';
import { AgentServer } from '../servers/agent.ts';
import { QemuGa } from '../servers/qemu-ga.ts';

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
  async open({ workspace, absent }) {
    const agent = new AgentServer(workspace);
    const qemuGa = QemuGa.start({ workspace, absent });
    const frames = pings(COUNT);
    const lines = frames.map(() => command('guest-ping'));
    return [
      contestant('agent', agent.pid, await agent.connect(), frames),
      ...(qemuGa ? [contestant('qemu-ga', qemuGa.pid, await qemuGa.connect(), lines)] : []),
    ];
  },
};

function contestant(name: string, pid: number, peer: Peer, requests: Request[]): Contestant {
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
