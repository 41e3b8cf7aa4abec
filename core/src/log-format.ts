import { inspect } from 'node:util';

interface Line {
  readonly level: string;
  readonly message?: unknown;
  readonly timestamp?: unknown;
  readonly [field: string]: unknown;
}

/** `2026-01-25T10:30:00.000Z INFO  message key=value`, safe to print on a terminal. */
export function prettyLine({ timestamp, level, message, ...fields }: Line): string {
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : jsonOf(value)}`)
    .join('');
  return printable(`${timestamp} ${level.toUpperCase().padEnd(5)} ${message}${rest}`);
}

/** Whatever a plugin logs: no line may fail what it tells about. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return inspect(value, { breakLength: Number.POSITIVE_INFINITY });
  }
}

/** A host's words may hold line breaks and escape sequences: neither may forge a line. */
export function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to remove
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
