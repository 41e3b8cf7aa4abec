import type { JsonObject } from '@limiquantix/agent-proto/json';
import type { Schema } from './schema.ts';

const MOST = 0o7777;

/** Of a request's `mode`; see {@link withMode}. */
export const MODE: Schema = {
  anyOf: [
    { type: 'integer', minimum: 0, maximum: MOST },
    { type: 'string', pattern: '^(0[0-7]{0,4}|[1-9]\\d{0,3})$' },
  ],
  description: 'permission bits: octal in a text that begins with 0 ("0644"), or decimal (420)',
};

/**
 * A request with its `mode`, if it has one, as the number that the wire takes.
 * @throws TypeError where octal digits were given as if they were decimal
 */
export function withMode({ mode, ...input }: JsonObject): JsonObject {
  return mode === undefined ? input : { ...input, mode: readMode(String(mode)) };
}

function readMode(text: string): number {
  if (text.startsWith('0')) return Number.parseInt(text, 8);
  const mode = Number(text);
  const meant = Number.parseInt(text, 8);
  if (/^[0-7]+$/.test(text) && isUsual(meant) && !isUsual(mode)) {
    throw new TypeError(
      `mode ${text} is decimal, and stands for ${octal(mode)}: give "0${text}" for the permissions ${text}, or "${octal(mode)}"`,
    );
  }
  return mode;
}

/** Nobody may do what the owner may not, and who may write may read. */
function isUsual(mode: number): boolean {
  const owner = (mode >> 6) & 7;
  return [owner, (mode >> 3) & 7, mode & 7].every(
    (bits) => (owner & bits) === bits && (bits & 6) !== 2,
  );
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
