import type { ServiceState } from '../../manager.ts';

const STATES: Readonly<Record<string, ServiceState>> = {
  started: 'running',
  // Started, and waiting for something, such as a network for its address.
  inactive: 'running',
  hotplugged: 'running',
  stopped: 'stopped',
  scheduled: 'stopped',
  starting: 'starting',
  stopping: 'stopping',
  failed: 'failed',
  crashed: 'failed',
  unsupervised: 'failed',
};

/** Rows of `rc-status --servicelist`: ` name   [  started 00:01:02 (0)  ]`. */
export function parseStatus(text: string): ReadonlyMap<string, ServiceState> {
  return new Map(
    [...text.matchAll(/^ +(\S+) +\[ *([a-z]+)\b[^\]\n]*\]/gm)].map(([, name, word]) => [
      name as string,
      STATES[word as string] ?? '',
    ]),
  );
}

/** Rows of `rc-update show --verbose`: `   name | boot default`; no runlevels: disabled. */
export function parseRunlevels(text: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...text.matchAll(/^ *(\S+) +\|(.*)$/gm)].map(([, name, levels]) => [
      name as string,
      (levels as string).split(' ').filter((level) => level !== ''),
    ]),
  );
}
