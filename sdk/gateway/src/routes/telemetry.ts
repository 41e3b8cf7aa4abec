import { AgentError } from '@limiquantix/agent-proto';
import type { FastifyInstance } from 'fastify';
import { AGENT, type AgentRoute, answerOf } from '../call-route.ts';
import type { Vms } from '../vms.ts';

/** The newest report that came by itself; nothing is asked of the agent. */
export function addTelemetry(app: FastifyInstance, vms: Vms): void {
  app.get<AgentRoute>(`${AGENT}/telemetry`, async ({ params }) => {
    const { latestTelemetry } = await vms.get(params.vm_id);
    if (!latestTelemetry) {
      throw new AgentError('CONNECTION_LOST', {
        detail: 'no telemetry has come from this VM yet',
        resolution: 'Wait for one telemetry interval; see POST .../agent/ping for the connection',
      });
    }
    const { report, receivedAt } = latestTelemetry;
    return {
      received_at: new Date(receivedAt).toISOString(),
      ...answerOf('TelemetryReport', report),
    };
  });
}
