import type { FastifyInstance } from 'fastify';
import type { Vms } from '../vms.ts';

/** Which VMs this node has an agent channel to. */
export function addVms(app: FastifyInstance, vms: Vms): void {
  app.get('/vms', async () => ({
    vms: vms.list().map(([vmId, { state, ready }]) => ({
      vm_id: vmId,
      connected: state === 'connected',
      version: ready?.version,
      hostname: ready?.hostname,
    })),
  }));
}
