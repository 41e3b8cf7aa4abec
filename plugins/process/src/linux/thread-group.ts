import { readProc } from './proc-file.ts';

/** The process that a thread belongs to, which for its first thread is the same number. */
export function readThreadGroup(tid: number): number | undefined {
  const status = readProc(`/proc/${tid}/status`)?.toString('latin1');
  const line = /^Tgid:\s*(\d+)$/m.exec(status ?? '');
  return line ? Number(line[1]) : undefined;
}
