import type { SystemFiles } from '../system-files.ts';

/** What udev found out about a block device, by looking at what is on it. */
export interface UdevFacts {
  /** `ext4`, `swap`, `LVM2_member`; empty where it knows none. */
  readonly filesystem: string;
  readonly label: string;
  readonly serial: string;
}

/** @param deviceNumber `254:1` */
export async function readUdevFacts(files: SystemFiles, deviceNumber: string): Promise<UdevFacts> {
  return parseUdevFacts(await files.text(`/run/udev/data/b${deviceNumber}`));
}

/** @param text of a file of /run/udev/data */
export function parseUdevFacts(text: string): UdevFacts {
  const of = (name: string) => new RegExp(`^E:${name}=(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  return {
    filesystem: of('ID_FS_TYPE'),
    label: unescaped(of('ID_FS_LABEL_ENC')),
    serial: of('ID_SERIAL_SHORT') || of('ID_SERIAL'),
  };
}

/** udev writes the bytes of blanks and of what could end a line as `\x20`. */
function unescaped(label: string): string {
  const bytes = label.replace(/[^\0-\x7f]+/g, (text) => Buffer.from(text).toString('latin1'));
  const latin1 = bytes.replace(/\\x([0-9a-f]{2})/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(latin1, 'latin1').toString().trim();
}
