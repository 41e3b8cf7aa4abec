import { coreName, implementerName } from './arm-cores.ts';

/** What the kernel tells of the first CPU; the others are of its kind, or of its family. */
export interface CpuIdentity {
  /** Empty where the kernel names none. */
  readonly model: string;
  readonly vendor: string;
  /** At the moment; 0 where unknown. */
  readonly mhz: number;
  readonly flags: readonly string[];
}

/** The first CPU's part is far shorter. */
const MAX_CHARACTERS = 16 * 1024;

const FIELD = /^([^\t:\n]+?)[ \t]*:[ \t]*(.*)$/gm;

/** @param text of /proc/cpuinfo, whose fields have other names on every architecture */
export function parseCpuInfo(text: string): CpuIdentity {
  const fields = new Map<string, string>();
  for (const [, name, value] of text.slice(0, MAX_CHARACTERS).matchAll(FIELD)) {
    const key = (name as string).toLowerCase();
    if (!fields.has(key)) fields.set(key, (value as string).trim());
  }
  const of = (...names: readonly string[]) =>
    names.map((name) => fields.get(name)).find((value) => value) ?? '';
  const implementer = Number(of('cpu implementer'));
  return {
    model: of('model name', 'cpu model', 'cpu') || coreName(implementer, Number(of('cpu part'))),
    vendor: of('vendor_id') || implementerName(implementer),
    mhz: Number.parseFloat(of('cpu mhz', 'clock')) || 0,
    flags: of('flags', 'features').split(/\s+/).filter(Boolean),
  };
}
