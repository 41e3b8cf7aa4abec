import { inspect } from 'node:util';
import type { Logform } from 'winston';
import type { Config } from '../config/config.ts';

interface Line {
  readonly level: string;
  readonly message?: unknown;
  readonly timestamp?: unknown;
  readonly [field: string]: unknown;
}

/** Of each text: what a host sends must not fill the log. */
const MOST_CHARS = 4096;

/** Where winston's transports look for the text of a line. */
const MESSAGE = Symbol.for('message');

/** A line's time is that of its being logged, or that of its being written. */
export function formatOf(kind: Config['log_format']): Logform.Format {
  const textOf = kind === 'pretty' ? prettyLine : jsonLine;
  return {
    transform: (line) => {
      line.timestamp ??= new Date().toISOString();
      line[MESSAGE] = textOf(line);
      return line;
    },
  };
}

function jsonLine({ timestamp, level, message, ...fields }: Line): string {
  const head = { timestamp, level, message };
  const json = tryJson({ ...head, ...fields }) ?? tryJson({ ...head, fields: inspected(fields) });
  // Only strings hold what is escaped there, and JSON has the same escapes.
  return printable(json ?? '');
}

/** `2026-01-25T10:30:00.000Z INFO  message key=value`, safe to print on a terminal. */
export function prettyLine({ timestamp, level, message, ...fields }: Line): string {
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? shortened(value) : shown(value)}`)
    .join('');
  return printable(
    `${timestamp} ${level.toUpperCase().padEnd(5)} ${shortened(String(message))}${rest}`,
  );
}

function shown(value: unknown): string {
  return tryJson(value) ?? inspected(value);
}

function inspected(value: unknown): string {
  return shortened(inspect(value, { breakLength: Number.POSITIVE_INFINITY }));
}

/** Whatever a plugin logs: no line may fail what it tells about. */
function tryJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, part) => (typeof part === 'string' ? shortened(part) : part));
  } catch {
    return undefined;
  }
}

function shortened(text: string): string {
  return text.length <= MOST_CHARS ? text : `${text.slice(0, MOST_CHARS)}...`;
}

/** A host's words may hold line breaks and escape sequences: neither may forge a line. */
export function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to remove
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
