import type { ErrorObject } from 'ajv';
import { nearest } from './nearest.ts';

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** The key's path: `['health', 'interval_secs']`. */
  readonly path: readonly string[];
  /** What is wrong, what is allowed, what was probably meant. */
  readonly text: string;
}

export interface Place {
  /** The path of what was checked. */
  readonly prefix?: readonly string[];
  /** Keys that may stand there although the schema does not have them. */
  readonly besides?: readonly string[];
}

/** ajv's findings in an operator's words. */
export function explain(errors: readonly ErrorObject[], place: Place = {}): Problem[] {
  return errors.filter((error) => error.keyword !== 'if').map((error) => explainOne(error, place));
}

function explainOne(error: ErrorObject, { prefix = [], besides = [] }: Place): Problem {
  const path = [...prefix, ...error.instancePath.split('/').slice(1).map(unescapePointer)];
  const { schema, params, parentSchema } = error as ErrorObject & { parentSchema: SchemaNode };
  if (error.keyword === 'pattern' && parentSchema.description) {
    return { path, text: `${key(path)} must be ${parentSchema.description}` };
  }
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey([...path, String(params.additionalProperty)], {
        properties: {
          ...(error.instancePath === '' && Object.fromEntries(besides.map((name) => [name, {}]))),
          ...parentSchema.properties,
        },
      });
    case 'required':
      return { path, text: `${key([...path, String(params.missingProperty)])} is missing` };
    case 'enum':
      return { path, text: `${key(path)} must be one of ${(schema as unknown[]).join(', ')}` };
    case 'type':
      return {
        path,
        text: `${key(path)} must be ${named(String(schema))}${range(parentSchema)}`,
      };
    case 'minimum':
    case 'maximum':
      return {
        path,
        text: `${key(path)} must be ${named(parentSchema.type ?? 'number')}${range(parentSchema)}`,
      };
    default:
      return { path, text: `${key(path)} ${error.message ?? 'is not allowed'}` };
  }
}

interface SchemaNode {
  readonly type?: string;
  /** What a pattern means. */
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, SchemaNode | boolean>>;
}

/** A key that no schema knows. */
export function unknownKey(path: readonly string[], { properties = {} }: SchemaNode): Problem {
  const known = Object.keys(properties);
  const name = path.at(-1) as string;
  const meant = inSection(name, properties) ?? nearest(name, known);
  const hint = meant ? `did you mean ${meant}?` : `known here: ${known.join(', ') || 'none'}`;
  return { path, text: `${key(path)} is not a known key; ${hint}` };
}

/** A key that stands outside of the section that it belongs to. */
function inSection(
  name: string,
  properties: NonNullable<SchemaNode['properties']>,
): string | undefined {
  for (const [section, schema] of Object.entries(properties)) {
    if (typeof schema === 'object' && Object.hasOwn(schema.properties ?? {}, name)) {
      return `${section}.${name}`;
    }
  }
  return undefined;
}

function key(path: readonly string[]): string {
  return path.length === 0 ? 'the file' : path.join('.');
}

/** A type of JSON schema as a file of keys and lists has it. */
function named(type: string): string {
  if (type === 'object') return 'a section of keys and values';
  if (type === 'array') return 'a list';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function range({ minimum, maximum }: SchemaNode): string {
  if (minimum === undefined && maximum === undefined) return '';
  if (maximum === undefined) return ` of at least ${minimum}`;
  if (minimum === undefined) return ` of at most ${maximum}`;
  return ` from ${minimum} to ${maximum}`;
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
