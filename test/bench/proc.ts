import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Of the kernel's clock ticks; Linux gives user space 100 of them a second, whatever it uses itself. */
const TICK_MS = 10;

/** CPU time of all threads of a process, in milliseconds, to the nanosecond. */
export function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
  return threads.reduce((sum, thread) => sum + threadNs(thread), 0) / 1e6;
}

function threadNs(thread: string): number {
  try {
    const [running] = readFileSync(`${thread}/schedstat`, 'utf8').split(' ');
    return Number(running);
  } catch (error) {
    // It has ended. Else the kernel does not tell, and a figure of zero would be a lie.
    if (!existsSync(thread)) return 0;
    throw error;
  }
}

/** CPU time of a process's children that ended, in milliseconds, to 10 ms. */
export function childrenCpuMs(pid: number | 'self'): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces; what follows it begins with the third field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

/** A line of smaps_rollup, such as `Pss_Anon`, in MiB. */
export function memoryMib(pid: number, line: 'Rss' | 'Pss' | 'Pss_Anon'): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const [, kib] = new RegExp(`^${line}:\\s+(\\d+)`, 'm').exec(text) ?? [];
  return Number(kib) / 1024;
}
