import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { AgentError } from '@limiquantix/agent-proto';
import { describe, expect, it } from 'vitest';
import { agentReadyEvent } from '../../src/methods/agent-ready.ts';

describe('how the agent introduces itself', () => {
  it('says what it is and where it runs', () => {
    const event = agentReadyEvent({
      sessionId: 's-1',
      capabilities: ['execute'],
      degraded: undefined,
    });
    expect(event).toMatchObject({
      version: '0.0.0-source',
      sessionId: 's-1',
      capabilities: ['execute'],
      hostname: hostname(),
      degraded: undefined,
    });
    expect(event.kernelVersion).not.toBe('');
    expect(event.ipAddresses?.some((address) => address.startsWith('127.'))).toBe(false);
    const bootId = '/proc/sys/kernel/random/boot_id';
    if (process.platform === 'linux') {
      expect(event.bootId).toBe(readFileSync(bootId, 'utf8').trim());
    }
  });

  it('says why it hardly does anything', () => {
    const degraded = new AgentError('CONFIG_INVALID', { detail: 'line 3' });
    const event = agentReadyEvent({ sessionId: 's-1', capabilities: [], degraded });
    expect(event.degraded).toMatchObject({ code: 9002, name: 'CONFIG_INVALID' });
  });
});
