import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import textformat from 'protobufjs/ext/textformat.js';

export const PROTO_PATH: string = fileURLToPath(new URL('../../', import.meta.url));
export const PROTO_FILE = 'limiquantix/agent/v1/agent.proto';
const PACKAGE = 'limiquantix.agent.v1';

const root = new protobuf.Root().loadSync(PROTO_PATH + PROTO_FILE, { keepCase: true });
root.resolveAll();

/** The schema as protobufjs reads it by itself: nothing of ours is between. */
export const AgentMessage: protobuf.Type = typeNamed('AgentMessage');

export function typeNamed(name: string): protobuf.Type {
  return name === 'Timestamp'
    ? root.lookupType('google.protobuf.Timestamp')
    : root.lookupType(`${PACKAGE}.${name}`);
}

/** The members of AgentMessage's oneof. */
export function payloadFields(): protobuf.Field[] {
  return (AgentMessage.oneofs.payload as protobuf.OneOf).fieldsArray;
}

export function messageTypes(): protobuf.Type[] {
  const space = root.lookup(PACKAGE) as protobuf.Namespace;
  return space.nestedArray.filter((type) => type instanceof protobuf.Type);
}

/** A message in text format, by protobufjs's own parser. */
export function parseText(type: protobuf.Type, text: string): Plain {
  return textformat.fromText(type, text) as unknown as Plain;
}

export type Plain = Record<string, unknown>;

/** A message of protobufjs in the shape that our codecs give one, its bytes as text. */
export function ours(type: protobuf.Type, message: Plain): Plain {
  const out: Plain = {};
  for (const field of type.fieldsArray) out[camel(field.name)] = fieldValue(field, message);
  return out;
}

function fieldValue(field: protobuf.Field, message: Plain): unknown {
  const value = Object.hasOwn(message, field.name) ? message[field.name] : undefined;
  if (field instanceof protobuf.MapField) {
    return Object.assign(Object.create(null) as Plain, value);
  }
  if (field.repeated) return ((value ?? []) as unknown[]).map((item) => single(field, item));
  const absent = value === undefined || value === null;
  if (absent && (field.resolvedType instanceof protobuf.Type || field.partOf)) return undefined;
  return single(field, absent ? field.typeDefault : value);
}

function single(field: protobuf.Field, value: unknown): unknown {
  if (field.resolvedType instanceof protobuf.Type) return ours(field.resolvedType, value as Plain);
  if (field.type === 'bytes') return hex(value as Uint8Array);
  if (field.type === 'int64') return Number(String(value));
  if (field.type !== 'uint64') return value;
  const exact = BigInt(String(value));
  return exact <= Number.MAX_SAFE_INTEGER ? Number(exact) : exact;
}

/** A message of ours with its bytes as text, so that it does not matter what they are a view on. */
export function bytesAsText(message: object): Plain {
  const out: Plain = Object.create(null) as Plain;
  for (const [name, value] of Object.entries(message)) out[name] = textOf(value);
  return out;
}

function textOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(textOf);
  return typeof value === 'object' && value !== null ? bytesAsText(value) : value;
}

function hex(bytes: Uint8Array): string {
  return `hex ${Buffer.from(bytes).toString('hex')}`;
}

export function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
