import type { FastifyInstance } from 'fastify';
import { inTurns } from '../turns.ts';
import type { Vms } from '../vms.ts';

/** Which VMs this node has an agent channel to. */
export function addVms(app: FastifyInstance, vms: Vms): void {
  app.get('/vms', async () => {
    const rows: object[] = [];
    // What an agent said of itself is decoded when somebody asks for the first time.
    await inTurns(vms.list(), ([vmId, { state, ready, lastError, lastHeardAt }]) => {
      rows.push({
        vm_id: vmId,
        connected: state === 'connected',
        reason: lastError?.message,
        version: ready?.version,
        hostname: ready?.hostname,
        last_heard_at: lastHeardAt && new Date(lastHeardAt).toISOString(),
      });
    });
    return { vms: rows };
  });
}
