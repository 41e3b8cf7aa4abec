/**
 * Runnable and waiting tasks, averaged over 1, 5 and 15 minutes.
 * @param text of /proc/loadavg
 * @throws Error where it holds no such averages
 */
export function parseLoad(text: string): readonly [number, number, number] {
  const [, one, five, fifteen] = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+) /.exec(text) ?? [];
  if (fifteen === undefined) throw new Error('/proc/loadavg does not begin with three averages');
  return [Number(one), Number(five), Number(fifteen)];
}
