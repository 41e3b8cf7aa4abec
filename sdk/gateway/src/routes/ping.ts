import { CallTimeout } from '@limiquantix/agent-client';
import { AgentError, Ping } from '@limiquantix/agent-proto';
import type { FastifyInstance } from 'fastify';
import { AGENT, type AgentRoute, answerOf } from '../call-route.ts';
import { leaving } from '../caller.ts';
import { statusOf } from '../status.ts';
import type { Vms } from '../vms.ts';

const TIMEOUT_MS = 5000;

/** That an agent does not answer is an answer here, not a failure. */
export function addPing(app: FastifyInstance, vms: Vms): void {
  const body = { type: 'object', additionalProperties: false, description: 'an object' };
  app.post<AgentRoute>(`${AGENT}/ping`, { schema: { body } }, async ({ params }, reply) => {
    const agent = await vms.get(params.vm_id);
    try {
      const options = { signal: leaving(reply), timeoutMs: TIMEOUT_MS };
      const { version, uptimeSeconds } = await agent.call(Ping, {}, options);
      return { connected: true, ...answerOf('PongResponse', { version, uptimeSeconds }) };
    } catch (error) {
      if (!isAbsence(error)) throw error;
      return { connected: false, reason: (agent.lastError ?? error).message };
    }
  });
}

function isAbsence(error: unknown): error is AgentError {
  return CallTimeout.is(error) || (AgentError.is(error) && statusOf(error) === 503);
}
