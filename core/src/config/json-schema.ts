import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import { KNOWN, PRECOMPILED, type Validator } from './precompiled.ts';

/**
 * What is wrong with a value, all of it; fills in the defaults of what is right.
 *
 * The agent's own schemas and those of its plugins were compiled when it was built, and what
 * most guests have was checked. ajv itself is loaded for any other schema, and to say what is
 * wrong: it takes 100 ms and 8 MB.
 * @param schema JSON schema, draft 7
 * @throws Error where that is no schema
 */
export async function check(schema: object, value: unknown): Promise<readonly ErrorObject[]> {
  const text = JSON.stringify(schema);
  const known = KNOWN.get(text)?.get(JSON.stringify(value));
  if (known !== undefined) {
    Object.assign(value as object, JSON.parse(known));
    return [];
  }
  if ((await precompiled(text))?.(value)) return [];
  const isValid = await compile(schema);
  return isValid(value) ? [] : (isValid.errors ?? []);
}

/** @throws Error where it is none */
export async function requireSchema(schema: object): Promise<void> {
  if (!(await precompiled(JSON.stringify(schema)))) await compile(schema);
}

async function precompiled(schema: string): Promise<Validator | undefined> {
  return PRECOMPILED.get(schema) ?? (await import('./validators.ts')).VALIDATORS.get(schema);
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
