// Reads the schema into plain data: what the three generators have in common.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

const WIRE = { double: 1, float: 5, string: 2, bytes: 2 };
const NUMERIC = new Set(['double', 'uint32', 'int32', 'bool', 'uint64', 'int64']);

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, c) => c.toUpperCase());

export function readSchema(url) {
  const root = new protobuf.Root();
  root.resolvePath = () => null;
  const parse = (text) =>
    protobuf.parse(text, root, { keepCase: true, alternateCommentMode: true });
  parse(
    'syntax = "proto3"; package google.protobuf; message Timestamp { int64 seconds = 1; int32 nanos = 2; }',
  );
  parse(readFileSync(url, 'utf8').replace(/^import .*$/m, ''));
  root.resolveAll();
  const space = root.lookup('limiquantix.agent.v1');
  const types = [root.lookupType('google.protobuf.Timestamp'), ...space.nestedArray];
  return {
    enums: types.filter((t) => t instanceof protobuf.Enum).map(readEnum),
    messages: types.filter((t) => t instanceof protobuf.Type).map(readMessage),
  };
}

/** `SHUTDOWN_TYPE_POWEROFF` of `ShutdownType` is `POWEROFF`. */
function readEnum(type) {
  const prefix = `${type.name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}_`;
  const values = Object.entries(type.values).map(([key, value]) => [
    key.replace(prefix, ''),
    value,
  ]);
  return { name: type.name, comment: type.comment, values };
}

function readMessage(type) {
  return {
    name: type.name,
    comment: type.comment,
    fields: type.fieldsArray.map(readField).sort((a, b) => a.number - b.number),
  };
}

function readField(field) {
  const target = field.resolvedType;
  const kind = field.map
    ? 'map'
    : target instanceof protobuf.Type
      ? 'message'
      : target instanceof protobuf.Enum
        ? 'enum'
        : field.type;
  if (field.map && (field.type !== 'string' || field.keyType !== 'string')) {
    throw new Error(`${field.fullName}: only map<string, string> is generated`);
  }
  const scalar = kind === 'enum' ? 'int32' : kind;
  return {
    name: camel(field.name),
    wireName: field.name,
    number: field.id,
    comment: field.comment,
    kind,
    scalar,
    type: target?.name,
    repeated: field.repeated,
    packable: field.repeated && NUMERIC.has(scalar),
    // Absent is told apart from the default: `optional`, messages, and members of a oneof.
    presence: !field.repeated && !field.map && (kind === 'message' || field.partOf != null),
    wireType: kind === 'message' || kind === 'map' ? 2 : (WIRE[scalar] ?? 0),
  };
}
