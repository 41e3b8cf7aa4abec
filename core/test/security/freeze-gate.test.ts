import { METHODS } from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, it } from 'vitest';
import { FreezeGate } from '../../src/security/freeze-gate.ts';

let events: string[];
let gate: FreezeGate;
let freezing: () => Promise<void>;

beforeEach(() => {
  events = [];
  freezing = async () => undefined;
  gate = new FreezeGate({
    freezing: async () => {
      events.push('freezing');
      await freezing();
    },
    thawed: () => events.push('thawed'),
  });
});

const thaw = async () => {
  events.push('thaw');
};
const served = () => METHODS.filter((method) => !gate.denial(method)).map(({ name }) => name);

describe('the freeze gate', () => {
  it('serves everything while it is open', () => {
    expect(gate.frozen).toBe(false);
    expect(served()).toHaveLength(METHODS.length);
  });

  it('serves only what touches no filesystem while it is closed', async () => {
    await gate.close(thaw);
    expect(gate.frozen).toBe(true);
    expect(served()).toEqual(['ping', 'thaw', 'get_capabilities', 'cancel']);
    const denial = gate.denial(METHODS[1] as (typeof METHODS)[number]);
    expect(denial).toMatchObject({ code: 5007, message: expect.stringContaining('execute') });
  });

  it('refuses requests before the first plugin has stopped writing', async () => {
    freezing = async () => {
      expect(served()).toHaveLength(4);
    };
    await gate.close(thaw);
    expect(events).toEqual(['freezing']);
  });

  it('opens again, once', async () => {
    await gate.close(thaw);
    gate.open();
    gate.open();
    expect(events).toEqual(['freezing', 'thawed']);
    expect(served()).toHaveLength(METHODS.length);
  });

  it('stays open where a plugin cannot stop writing', async () => {
    freezing = () => Promise.reject(new Error('busy'));
    await expect(gate.close(thaw)).rejects.toThrow('busy');
    expect(gate.frozen).toBe(false);
    expect(events).toEqual(['freezing', 'thawed']);
  });

  it('fails a freeze that was thawed before it was complete', async () => {
    freezing = async () => gate.open();
    await expect(gate.close(thaw)).rejects.toThrow(expect.objectContaining({ code: 5005 }));
    expect(gate.frozen).toBe(false);
    expect(events).toEqual(['freezing', 'thawed']);
  });

  it.each([
    ['fails', (slow: PromiseWithResolvers<void>) => slow.reject(new Error('busy')), 'busy'],
    ['is ready', (slow: PromiseWithResolvers<void>) => slow.resolve(), 'thawed before everything'],
  ])('stays closed for a freeze when an earlier one %s that was given up', async (_, end, why) => {
    const slow = Promise.withResolvers<void>();
    freezing = () => slow.promise;
    const earlier = gate.close(thaw);
    gate.open();
    freezing = async () => undefined;
    await gate.close(thaw);
    end(slow);
    await expect(earlier).rejects.toThrow(why);
    expect(gate.frozen).toBe(true);
    expect(events).toEqual(['freezing', 'thawed', 'freezing']);
  });

  it('is closed by one freeze at a time', async () => {
    await gate.close(thaw);
    await expect(gate.close(thaw)).rejects.toMatchObject({ code: 5007 });
    expect(gate.frozen).toBe(true);
  });

  it('thaws for an agent that stops, and not where nothing is frozen', async () => {
    await gate.thaw();
    expect(events).toEqual([]);
    await gate.close(thaw);
    await gate.thaw();
    expect(events).toEqual(['freezing', 'thaw', 'thawed']);
  });
});
