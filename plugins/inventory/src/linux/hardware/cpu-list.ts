/** The kernel supports no more. */
const MAX_CPUS = 8192;

/** @param text a list of the kernel's: `0-3,8` */
export function parseCpuList(text: string): readonly number[] {
  const cpus: number[] = [];
  for (const [, first, last = first] of text.matchAll(/(\d{1,5})(?:-(\d{1,5}))?(?:,|\s|$)/g)) {
    const end = Math.min(Number(last), MAX_CPUS - 1);
    for (let cpu = Number(first); cpu <= end && cpus.length < MAX_CPUS; cpu++) cpus.push(cpu);
  }
  return cpus;
}
