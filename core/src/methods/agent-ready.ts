import { readFileSync } from 'node:fs';
import { hostname, machine, release } from 'node:os';
import type { AgentError, AgentReadyEvent, Init } from '@limiquantix/agent-proto';
import { guestAddresses, readOsRelease } from '@limiquantix/plugin-sdk/guest';
import { VERSION } from '../version.ts';

export interface AgentReadyOptions {
  readonly sessionId: string;
  readonly capabilities: readonly string[];
  /** Why the agent runs with its minimal profile. */
  readonly degraded: AgentError | undefined;
}

/** How the agent introduces itself to a host that connected. */
export function agentReadyEvent(options: AgentReadyOptions): Init<AgentReadyEvent> {
  const os = readOsRelease();
  return {
    version: VERSION,
    osName: os.name,
    osVersion: os.version,
    kernelVersion: release(),
    architecture: machine(),
    hostname: hostname(),
    ipAddresses: guestAddresses().map(({ address }) => address),
    capabilities: options.capabilities,
    bootId: bootId(),
    sessionId: options.sessionId,
    degraded: options.degraded?.toWire(),
  };
}

/** Changes with every boot of the guest; empty where the platform has none. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
