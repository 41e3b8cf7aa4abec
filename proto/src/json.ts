import type { Timestamp, Uint64 } from './gen/messages.ts';
import { ENUMS, FIELDS } from './gen/tables.ts';
import { timestampMs, timestampOf } from './timestamp.ts';

/** Lower-case words of an enum. */
export type EnumTable = Readonly<Record<string, number>>;

/** One field of a message, as JSON needs to know it. */
export interface FieldRow {
  /** In TypeScript: `timeoutSeconds`. */
  readonly name: string;
  /** On the wire and in JSON: `timeout_seconds`. */
  readonly json: string;
  readonly kind: string;
  readonly type?: string;
  readonly repeated?: true;
  readonly presence?: true;
}

export type JsonObject = { [key: string]: unknown };

const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  uint32: [0, 0xffff_ffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
};

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a string',
  bool: 'true or false',
  double: 'a number',
  message: 'an object',
  map: 'an object of strings',
};

/**
 * A message as JSON: snake_case keys, enums as lower-case words, timestamps as RFC 3339,
 * bytes as base64, 64-bit numbers as numbers while they are safe integers, else strings.
 * @param type the message's name, such as `ExecuteResponse`
 */
export function toJson(type: string, message: object): JsonObject {
  const out: JsonObject = {};
  for (const field of fieldsOf(type)) {
    const value = (message as JsonObject)[field.name];
    if (value === undefined) continue;
    out[field.json] = field.repeated
      ? (value as unknown[]).map((item) => jsonValue(field, item))
      : jsonValue(field, value);
  }
  return out;
}

/**
 * The reverse of {@link toJson}; what is absent stays absent.
 * @throws TypeError naming the field whose value cannot be read
 */
export function fromJson(type: string, json: object): JsonObject {
  const fields = fieldsOf(type);
  const out: JsonObject = {};
  for (const [key, value] of Object.entries(json)) {
    const field = fields.find((f) => f.json === key);
    if (!field) throw new TypeError(`${type} has no field ${key}`);
    if (value === undefined || value === null) continue;
    if (field.repeated && !Array.isArray(value)) throw new TypeError(`${key} must be an array`);
    out[field.name] = field.repeated
      ? (value as unknown[]).map((item) => messageValue(field, item))
      : messageValue(field, value);
  }
  return out;
}

/** The words that an enum field takes. */
export function enumWords(type: string): readonly string[] {
  return Object.keys(ENUMS[type] ?? {});
}

/** @throws TypeError where the schema has no such message */
export function fieldsOf(type: string): readonly FieldRow[] {
  const fields = Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined;
  if (!fields) throw new TypeError(`the schema has no message ${type}`);
  return fields;
}

function jsonValue(field: FieldRow, value: unknown): unknown {
  switch (field.kind) {
    case 'bytes':
      return Buffer.from(value as Uint8Array).toString('base64');
    case 'uint64':
      return uint64Json(value as Uint64);
    case 'enum':
      return enumWord(field.type as string, value as number);
    case 'message':
      return field.type === 'Timestamp'
        ? rfc3339(value as Timestamp)
        : toJson(field.type as string, value as object);
    case 'map':
      return { ...(value as JsonObject) };
    default:
      return value;
  }
}

function uint64Json(value: Uint64): number | string {
  return Number.isSafeInteger(value) ? (value as number) : String(value);
}

function enumWord(type: string, value: number): string | number {
  const table = ENUMS[type] ?? {};
  return Object.keys(table).find((word) => table[word] === value) ?? value;
}

/** Outside of the calendar's range there is no text for it: then null. */
function rfc3339(timestamp: Timestamp): string | null {
  const date = new Date(timestampMs(timestamp));
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function messageValue(field: FieldRow, value: unknown): unknown {
  switch (field.kind) {
    case 'bytes':
      return base64(field, value);
    case 'uint64':
      return uint64(field, value);
    case 'enum':
      return enumNumber(field, value);
    case 'message':
      if (field.type === 'Timestamp') return timestamp(field, value);
      if (!isObject(value)) break;
      return fromJson(field.type as string, value);
    case 'map':
      if (!isObject(value)) break;
      return stringsOnly(field, value);
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'bool':
      if (typeof value === 'boolean') return value;
      break;
    case 'double':
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      break;
    default:
      return integer(field, value);
  }
  throw wrong(field, EXPECTED[field.kind] ?? field.kind);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function base64(field: FieldRow, value: unknown): Uint8Array {
  // A single digit left over is six bits, of which no byte can be made.
  if (
    typeof value !== 'string' ||
    !/^[A-Za-z0-9+/]*={0,2}$/.test(value) ||
    value.length % 4 === 1
  ) {
    throw wrong(field, 'base64');
  }
  return Buffer.from(value, 'base64');
}

function integer(field: FieldRow, value: unknown): number {
  const [least, most] = RANGES[field.kind] ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) {
    return value as number;
  }
  throw wrong(field, `a whole number from ${least} to ${most}`);
}

function uint64(field: FieldRow, value: unknown): Uint64 {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) {
    const exact = BigInt(value);
    if (exact <= 0xffff_ffff_ffff_ffffn) {
      return exact <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(exact) : exact;
    }
  }
  throw wrong(field, 'a whole number, or its digits in a string');
}

function enumNumber(field: FieldRow, value: unknown): number {
  const table = ENUMS[field.type as string] ?? {};
  const known = typeof value === 'string' ? table[value.toLowerCase()] : value;
  if (typeof known === 'number' && Object.values(table).includes(known)) return known;
  throw wrong(field, `one of ${Object.keys(table).join(', ')}`);
}

/** RFC 3339, with as many years as {@link rfc3339} writes. The day is kept. */
const TIME = /^((?:\d{4}|[+-]\d{6})-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

/**
 * To `Date` a number is a year or a month, a time without its zone this machine's, and the 30th of
 * February a day in March: guests have their clocks set by it.
 */
function timestamp(field: FieldRow, value: unknown): Timestamp {
  const day = typeof value === 'string' ? TIME.exec(value)?.[1] : undefined;
  const ms = day && isDay(day) ? Date.parse(value as string) : Number.NaN;
  if (Number.isNaN(ms)) throw wrong(field, 'a time such as 2026-01-25T10:30:00Z');
  return timestampOf(ms);
}

function isDay(text: string): boolean {
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function stringsOnly(field: FieldRow, value: object): Record<string, string> {
  const out = Object.create(null) as Record<string, string>;
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'string') throw wrong(field, 'an object of strings');
    out[key] = item;
  }
  return out;
}

function wrong(field: FieldRow, expected: string): TypeError {
  return new TypeError(`${field.json} must be ${expected}`);
}
