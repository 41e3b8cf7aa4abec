import type { AgentClient } from '@limiquantix/agent-client';
import type { FastifyInstance } from 'fastify';
import { AGENT, type AgentRoute } from '../call-route.ts';
import { inTurns } from '../turns.ts';
import type { Vms } from '../vms.ts';

/** Which VMs this node has an agent channel to, and what is known of each without asking it. */
export function addVms(app: FastifyInstance, vms: Vms): void {
  app.get('/vms', async () => {
    const rows: object[] = [];
    // What an agent said of itself is decoded when somebody asks for the first time.
    await inTurns(vms.list(), ([vmId, client]) => {
      rows.push(row(vmId, client));
    });
    return { vms: rows };
  });
  app.get<AgentRoute>(AGENT, async ({ params: { vm_id } }) => row(vm_id, await vms.get(vm_id)));
}

function row(vmId: string, { state, lastError, ready, lastHeardAt }: AgentClient): object {
  return {
    vm_id: vmId,
    connected: state === 'connected',
    reason: lastError?.message,
    version: ready?.version,
    hostname: ready?.hostname,
    last_heard_at: lastHeardAt && new Date(lastHeardAt).toISOString(),
  };
}
