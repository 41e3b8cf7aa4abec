import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from '../../support/agent-process.ts';
import { simulatedVmId } from '../../support/simulated-agents.ts';
import type { Bench, Case, Metrics } from '../case.ts';
import { latencyOf } from '../latency.ts';
import { cpuMs, memoryMib } from '../proc.ts';
import { linesOf, startFleet } from '../servers/fleet.ts';
import { GatewayServer } from '../servers/gateway.ts';

const LOAD = join(ROOT, 'test/support/fleet-load.ts');
const TICK_MS = 10;

/** As fleet-load prints it. */
interface Load {
  readonly cpuPercent: number;
  readonly p99Ms: number;
  readonly failed: number;
}

export const fleet: Case = {
  name: 'fleet',
  about: '1,000 simulated agents that report each 5 s and are pinged each second',
  rounds: { quick: 1, full: 5 },
  warmUp: 0,
  rows: [
    {
      title: 'clients of 1,000 VMs, CPU of one core',
      metric: 'cpu',
      unit: '%',
      better: 'lower',
      of: 'client',
      gate: 7,
      goal: 3,
    },
    {
      title: 'ping of one of 1,000 VMs, p99',
      metric: 'p99',
      unit: 'ms',
      better: 'lower',
      of: 'client',
    },
    {
      title: 'gateway of 1,000 VMs without calls, CPU of one core',
      metric: 'cpu',
      unit: '%',
      better: 'lower',
      of: 'gateway',
    },
  ],
  async open(bench) {
    const directory = await startFleet(bench.workspace, 1000);
    const gateway = await GatewayServer.start(bench.workspace, directory);
    await gateway.connected(1000);
    return [
      { name: 'client', measure: () => pingEachSecond(bench, directory) },
      {
        name: 'gateway',
        measure: () => rest(gateway, { vms: 1000, callsPerSecond: 0, seconds: 5 }),
      },
    ];
  },
};

export const largeFleet: Case = {
  name: 'large-fleet',
  about: 'a gateway with 10,000 simulated agents',
  rounds: { quick: 1, full: 3 },
  warmUp: 0,
  rows: [
    {
      title: 'REST ping of one of 10,000 VMs, p99',
      metric: 'p99',
      unit: 'ms',
      better: 'lower',
      of: 'gateway',
      gate: 50,
    },
    {
      title: 'gateway of 10,000 VMs, CPU of one core',
      metric: 'cpu',
      unit: '%',
      better: 'lower',
      of: 'gateway',
    },
    {
      title: 'gateway of 10,000 VMs, memory (Rss)',
      metric: 'rss',
      unit: 'MiB',
      better: 'lower',
      of: 'gateway',
    },
  ],
  async open({ workspace }) {
    const vms = 10_000;
    const directory = await startFleet(workspace, vms);
    const gateway = await GatewayServer.start(workspace, directory);
    await gateway.connected(vms);
    await gateway.warmUp(simulatedVmId(0), '/ping', {});
    return [
      { name: 'gateway', measure: () => rest(gateway, { vms, callsPerSecond: 200, seconds: 5 }) },
    ];
  },
};

async function pingEachSecond({ workspace, quick }: Bench, directory: string): Promise<Metrics> {
  const args = ['--dir', directory, '--seconds', quick ? '5' : '10'];
  for await (const line of linesOf(workspace, [LOAD, ...args])) {
    const { cpuPercent, p99Ms, failed } = JSON.parse(line) as Load;
    if (failed > 0) throw new Error(`${failed} pings were not answered`);
    return { cpu: cpuPercent, p99: p99Ms };
  }
  throw new Error('the clients of the fleet ended before they had measured');
}

interface RestLoad {
  readonly vms: number;
  readonly callsPerSecond: number;
  readonly seconds: number;
}

/** Pings spread over the VMs and over the time, whether or not those before were answered. */
async function rest(
  gateway: GatewayServer,
  { vms, callsPerSecond, seconds }: RestLoad,
): Promise<Metrics> {
  const latencies: number[] = [];
  const calls: Promise<void>[] = [];
  const call = async (vm: number) => {
    const begin = performance.now();
    await gateway.call(simulatedVmId(vm), '/ping');
    latencies.push(performance.now() - begin);
  };
  const cpu = cpuMs(gateway.pid);
  const begin = performance.now();
  const elapsed = () => (performance.now() - begin) / 1000;
  while (elapsed() < seconds) {
    const due = elapsed() * callsPerSecond;
    // A prime, so that neighbours in time are not neighbours in the fleet.
    while (calls.length < due) calls.push(call((calls.length * 7919) % vms));
    await pause(TICK_MS);
  }
  await Promise.all(calls);
  const percent = (cpuMs(gateway.pid) - cpu) / (elapsed() * 10);
  return { ...latencyOf(latencies), cpu: percent, rss: memoryMib(gateway.pid, 'Rss') };
}
