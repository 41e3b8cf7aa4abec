/**
 * Whole seconds since the boot; the time that the guest was suspended counts.
 * @param text of /proc/uptime
 * @throws Error where it does not begin with them
 */
export function parseUptime(text: string): number {
  const seconds = /^\d{1,15}(?=\.)/.exec(text);
  if (!seconds) throw new Error('/proc/uptime does not begin with seconds');
  return Number(seconds[0]);
}
