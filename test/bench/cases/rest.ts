import { basename } from 'node:path';
import { AgentClient } from '@limiquantix/agent-client';
import { Execute } from '@limiquantix/agent-proto';
import { simulatedVmId } from '../../support/simulated-agents.ts';
import { type Case, ratioTo } from '../case.ts';
import { measureLatency } from '../latency.ts';
import { AgentServer } from '../servers/agent.ts';
import { startFleet } from '../servers/fleet.ts';
import { GatewayServer } from '../servers/gateway.ts';

const COUNT = 40;
const REQUEST = { command: '/bin/true', args: ['-'] };

export const rest: Case = {
  name: 'rest',
  about: 'execute through the gateway, against the same through the client library',
  rounds: { quick: 7, full: 31 },
  warmUp: 8,
  rows: [
    {
      title: 'REST execute, p50',
      metric: 'p50',
      of: 'rest',
      unit: 'ms',
      better: 'lower',
      against: ratioTo('client'),
      gate: 1.5,
      goal: 1.2,
    },
  ],
  async open({ workspace }) {
    const directory = await startFleet(workspace, 1);
    const agent = new AgentServer(workspace, { name: `${basename(directory)}/bench` });
    await (await agent.connect()).close();
    const gateway = await GatewayServer.start(workspace, directory);
    await gateway.connected(2);
    // A simulated agent answers without a command having to run.
    await gateway.warmUp(simulatedVmId(0), '/execute', REQUEST);
    const execute = await gateway.prepare('bench', '/execute', REQUEST);
    const client = await AgentClient.connect({ path: agent.socket, reconnect: false });
    return [
      {
        name: 'client',
        measure: () => measureLatency(COUNT, () => client.call(Execute, REQUEST)),
      },
      {
        name: 'rest',
        measure: () => measureLatency(COUNT, execute),
      },
    ];
  },
};
