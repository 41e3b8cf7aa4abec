/** A cookie for a display, of an Xauthority file. */
export interface Cookie {
  readonly name: string;
  readonly data: Buffer;
}

const COOKIE = 'MIT-MAGIC-COOKIE-1';
/** FamilyInternet and FamilyInternet6: those are for displays over the network. */
const NETWORK_FAMILIES: readonly number[] = [0, 6];

/**
 * @param file family, address, number, name and data of each entry; all but the family with
 *   their lengths
 * @param display its number
 */
export function cookieOf(file: Buffer, display: number): Cookie | undefined {
  let at = 0;
  const field = (): Buffer | undefined => {
    if (at + 2 > file.length) return undefined;
    const start = at + 2;
    const end = start + file.readUInt16BE(at);
    at = end;
    return end <= file.length ? file.subarray(start, end) : undefined;
  };
  while (at + 2 <= file.length) {
    const family = file.readUInt16BE(at);
    at += 2;
    const [, number, name, data] = [field(), field(), field(), field()];
    if (!number || !name || !data) return undefined;
    const isMeant = number.length === 0 || number.toString('latin1') === String(display);
    if (isMeant && name.toString('latin1') === COOKIE && !NETWORK_FAMILIES.includes(family)) {
      return { name: COOKIE, data };
    }
  }
  return undefined;
}
