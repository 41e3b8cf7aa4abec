import { enumWords, type FieldRow, fieldsOf, type JsonObject } from '@limiquantix/agent-proto/json';

/** A JSON schema (draft 7). Its `description` completes the sentence "<field> must be ...". */
export type Schema = Readonly<Record<string, unknown>>;

/** How a request's JSON differs from its message. */
export interface Shape {
  readonly required?: readonly string[];
  /** Fields that take another form than the message's, or are none of its own. */
  readonly fields?: Readonly<Record<string, Schema>>;
  /** Fields of the message that come from elsewhere, such as the path. */
  readonly without?: readonly string[];
}

export const TEXT: Schema = { type: 'string', description: 'text' };
const NAME: Schema = { type: 'string', minLength: 1, description: 'text that is not empty' };
export const ENCODING: Schema = oneOf(['utf-8', 'base64']);

/** The body of a request that is this message. What is not in it is refused. */
export function bodySchema(message: string, shape: Shape = {}): Schema {
  return objectSchema(properties(message, shape, bodyValue), shape);
}

/** The same as a query string, where every value is text; see {@link readQuery}. */
export function querySchema(message: string, shape: Shape = {}): Schema {
  return objectSchema(properties(message, shape, queryValue), shape);
}

export function oneOf(values: readonly (string | number)[]): Schema {
  return { enum: values, description: `one of ${values.join(', ')}` };
}

export function wholeNumber(minimum: number, maximum: number): Schema {
  return {
    type: 'integer',
    minimum,
    maximum,
    description: `a whole number from ${minimum} to ${maximum}`,
  };
}

/** The values of a query or path that {@link querySchema} let through, in their JSON types. */
export function readQuery(message: string, query: Readonly<Record<string, string>>): JsonObject {
  const out: JsonObject = {};
  for (const field of fieldsOf(message)) {
    const text = query[field.json];
    if (text === undefined) continue;
    if (field.kind === 'bool') out[field.json] = text === 'true' || text === '1';
    else if (isInteger(field) || isEnumNumber(field, text)) out[field.json] = Number(text);
    else out[field.json] = text;
  }
  return out;
}

function objectSchema(properties: Readonly<Record<string, Schema>>, shape: Shape): Schema {
  return {
    type: 'object',
    properties,
    required: shape.required ?? [],
    additionalProperties: false,
    description: 'an object',
  };
}

function properties(
  message: string,
  shape: Shape,
  schemaOf: (field: FieldRow) => Schema,
): Record<string, Schema> {
  const kept = fieldsOf(message).filter(({ json }) => !shape.without?.includes(json));
  const own = kept.map((field): [string, Schema] => {
    const value = schemaOf(field);
    return [field.json, value === TEXT && shape.required?.includes(field.json) ? NAME : value];
  });
  return { ...Object.fromEntries(own), ...shape.fields };
}

function bodyValue(field: FieldRow): Schema {
  if (!field.repeated) return single(field);
  const items = single(field);
  return { type: 'array', items, description: `a list, each item ${items.description}` };
}

function single(field: FieldRow): Schema {
  switch (field.kind) {
    case 'bool':
      return { type: 'boolean', description: 'true or false' };
    case 'uint32':
      return wholeNumber(0, 0xffff_ffff);
    case 'int32':
      return wholeNumber(-0x8000_0000, 0x7fff_ffff);
    case 'uint64':
      return {
        anyOf: [
          { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
          { type: 'string', pattern: '^\\d{1,20}$' },
        ],
        description: 'a whole number, or its digits in a string',
      };
    case 'enum':
      return enumValue(field, Number);
    case 'map':
      return {
        type: 'object',
        additionalProperties: TEXT,
        description: 'an object whose values are texts',
      };
    default:
      return TEXT;
  }
}

/** A word, or the number on the wire: every enum of the schema counts from 0 without a gap. */
function enumValue({ type }: FieldRow, form: (number: number) => number | string): Schema {
  const words = enumWords(type as string);
  return { ...oneOf(words), enum: [...words, ...[...words.keys()].map(form)] };
}

function queryValue(field: FieldRow): Schema {
  if (field.kind === 'bool') return oneOf(['true', 'false', '1', '0']);
  if (field.kind === 'enum') return enumValue(field, String);
  if (!isInteger(field)) return TEXT;
  return {
    type: 'string',
    pattern: '^\\d{1,9}$',
    description: 'a whole number of at most 9 digits',
  };
}

function isEnumNumber({ kind }: FieldRow, text: string): boolean {
  return kind === 'enum' && /^\d/.test(text);
}

function isInteger(field: FieldRow): boolean {
  return field.kind === 'uint32' || field.kind === 'uint64';
}
