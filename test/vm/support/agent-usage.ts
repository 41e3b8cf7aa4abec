import type { Guest } from './guest.ts';

/** What /proc counts CPU time in. */
const TICK_MS = 10;

/** Of one agent, in KiB and milliseconds since it was started. */
export interface Usage {
  readonly pss: number;
  readonly anon: number;
  readonly cpuMs: number;
}

/** The agent's process, as systemd knows it. */
export function agentPid(guest: Guest): Promise<string> {
  return guest.ok('systemctl show --value -p MainPID limiquantix-agent.service');
}

export async function usageOf(guest: Guest): Promise<Usage> {
  const pid = await agentPid(guest);
  const rollup = await guest.ok(`cat /proc/${pid}/smaps_rollup`);
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]);
  const [, user, system] = /\) (?:\S+ ){11}(\d+) (\d+) /.exec(
    await guest.ok(`cat /proc/${pid}/stat`),
  ) ?? [undefined, '', ''];
  return {
    pss: kib('Pss'),
    anon: kib('Pss_Anon'),
    cpuMs: (Number(user) + Number(system)) * TICK_MS,
  };
}
