import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import { PRECOMPILED } from './precompiled.ts';

/**
 * What is wrong with a value, all of it; fills in the defaults of what is right.
 *
 * The agent's own schemas and those of its plugins were compiled when it was built. ajv
 * itself is loaded for any other, and to say what is wrong: it takes 100 ms and 8 MB.
 * @param schema JSON schema, draft 7
 * @throws Error where that is no schema
 */
export async function check(schema: object, value: unknown): Promise<readonly ErrorObject[]> {
  if (PRECOMPILED.get(JSON.stringify(schema))?.(value)) return [];
  const isValid = await compile(schema);
  return isValid(value) ? [] : (isValid.errors ?? []);
}

/** @throws Error where it is none */
export async function requireSchema(schema: object): Promise<void> {
  if (!PRECOMPILED.has(JSON.stringify(schema))) await compile(schema);
}

let shared: Promise<Ajv> | undefined;
/** Manifests are read again and again; what was compiled of them must not pile up. */
const compiled = new WeakMap<object, ValidateFunction>();

async function compile(schema: object): Promise<ValidateFunction> {
  // One for all: making one takes ten milliseconds.
  shared ??= import('ajv').then(({ Ajv }) => new Ajv(OPTIONS));
  const ajv = await shared;
  const known = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, known);
  ajv.removeSchema(schema);
  return known;
}

const OPTIONS = {
  useDefaults: true,
  allErrors: true,
  verbose: true,
  strict: false,
  addUsedSchema: false,
} as const;
