import { readFileSync } from 'node:fs';

/** What the packages call the agent's service. */
export const AGENT = 'limiquantix-agent';

/**
 * The units that the agent runs in: to stop one stops the agent, whatever it is called.
 * @param path of a cgroups(7) file, such as `0::/system.slice/limiquantix-agent.service`
 */
export function ownUnits(path = '/proc/self/cgroup'): ReadonlySet<string> {
  const units = readFileSync(path, 'utf8').matchAll(/\/([^/\n]+\.service)(?=\/|$)/gm);
  return new Set([`${AGENT}.service`, ...[...units].map(([, unit]) => unit as string)]);
}
