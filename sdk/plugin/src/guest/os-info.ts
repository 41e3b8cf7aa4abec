import { readFileSync } from 'node:fs';
import { hostname, machine, release } from 'node:os';
import type { Init, OsInfo } from '@limiquantix/agent-proto';
import { readOsRelease } from './os-release.ts';

/**
 * What the guest runs. Nothing here changes while it is up, apart from its name: the
 * times are left to the caller.
 */
export function readOsInfo(): Init<OsInfo> {
  const { name, version, build } = readOsRelease();
  const host = hostname();
  return {
    name,
    version,
    build,
    kernel: release(),
    architecture: machine(),
    hostname: host,
    domain: domainOf(host, nisDomain()),
  };
}

/** The DNS domain where the host's name is a full one, else the kernel's (NIS) domain. */
export function domainOf(host: string, kernelDomain: string): string {
  const dot = host.indexOf('.');
  if (dot > 0) return host.slice(dot + 1);
  return kernelDomain === '(none)' ? '' : kernelDomain;
}

function nisDomain(): string {
  try {
    return readFileSync('/proc/sys/kernel/domainname', 'utf8').trim();
  } catch {
    return '';
  }
}
