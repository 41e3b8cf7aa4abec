import { FakeTools } from '@limiquantix/plugin-sdk/testing';
import { afterAll } from 'vitest';
import type { Guest } from '../src/linux/guest.ts';

export interface FakeGuest extends Guest {
  readonly tools: FakeTools;
}

export interface FakeGuestOptions {
  /** What each of its tools does once its call is written down, for sh. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly systemd?: boolean;
  readonly users?: readonly string[];
}

const used: FakeTools[] = [];
afterAll(() => {
  for (const tools of used) tools.remove();
});

/** A guest with no tools but those of the test: none of this machine's is reached. */
export function fakeGuest({ scripts, systemd = false, users }: FakeGuestOptions): FakeGuest {
  const tools = new FakeTools();
  used.push(tools);
  for (const [name, script] of Object.entries(scripts)) tools.add(name, script);
  return {
    tools,
    findTool: tools.find,
    systemdRuns: () => systemd,
    accounts: {
      user: async (name) =>
        users?.includes(name)
          ? { name, uid: 1000, gid: 1000, home: '/', shell: '/bin/sh' }
          : undefined,
    },
  };
}
