import { existsSync, readFileSync } from 'node:fs';

/**
 * The main process of a service that runs: what supervises it keeps the number, or its
 * pid file has it. 0 where neither does, or that process is gone.
 * @param root of the guest's filesystem
 */
export function mainProcess(name: string, root: string): number {
  const options = `${root}/run/openrc/options/${name}`;
  const supervised = numberIn(`${options}/child_pid`);
  const pidFile = textOf(`${options}/pidfile`);
  const pid = supervised || (pidFile.startsWith('/') ? numberIn(`${root}${pidFile}`) : 0);
  return pid > 0 && existsSync(`${root}/proc/${pid}`) ? pid : 0;
}

function numberIn(path: string): number {
  const text = textOf(path);
  return /^\d{1,7}$/.test(text) ? Number(text) : 0;
}

/** Empty where there is no such file. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
}
