// Compiles the schemas that an agent checks at each start, so that it need not load ajv, and
// checks what is the same on most guests, so that it need not even load what ajv made of them.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { load } from 'js-yaml';
import { MANIFEST_SCHEMA, pluginNameOf } from '../sdk/plugin/dist/host.js';
import { settingsOf } from './dist/config/load.js';
import { CONFIG_SCHEMA } from './dist/config/schema.js';

const OPTIONS = { useDefaults: true, strict: false };

/**
 * @param {readonly object[]} packages package.json of the plugins that come with the agent
 * @returns {string} the module that takes the place of src/config/validators.ts
 */
export function validatorsOf(packages) {
  const settings = packages.map(({ limiquantix }) => limiquantix.config);
  return validatorMap('VALIDATORS', [CONFIG_SCHEMA, ...settings]);
}

/**
 * @param packages as above
 * @param {string} file agent.yaml as it is installed
 * @returns {string} the module that takes the place of src/config/precompiled.ts
 */
export function precompile(packages, file) {
  const known = new Map();
  const installed = readFileSync(file, 'utf8');
  const parsed = new Map([
    ['', {}],
    [installed, load(installed)],
  ]);
  const files = [...parsed].map(([text, value]) => [text, JSON.stringify(value)]);
  for (const config of parsed.values()) {
    learn(known, CONFIG_SCHEMA, config);
    for (const { name, limiquantix } of packages.map(withDefaults)) {
      const plugin = { name: pluginNameOf(name), manifest: limiquantix };
      learn(known, limiquantix.config, settingsOf(plugin, config));
    }
  }
  const rows = [...known].map(([schema, values]) => [schema, [...values]]);
  return `${validatorMap('PRECOMPILED', [MANIFEST_SCHEMA])}
    export const KNOWN = new Map(${JSON.stringify(rows)}.map(([schema, values]) =>
      [schema, new Map(values)]));
    export const PARSED = new Map(${JSON.stringify(files)});`;
}

function withDefaults(found) {
  const filled = structuredClone(found);
  fill(MANIFEST_SCHEMA, filled);
  return filled;
}

/** @throws Error where it does not fit */
function fill(schema, value) {
  const ajv = new Ajv(OPTIONS);
  if (!ajv.validate(schema, value)) throw new Error(ajv.errorsText());
}

function learn(known, schema, value) {
  const text = JSON.stringify(schema);
  const values = known.get(text) ?? new Map();
  known.set(text, values);
  const before = JSON.stringify(value);
  fill(schema, value);
  values.set(before, JSON.stringify(value));
}

function validatorMap(name, schemas) {
  const texts = [...new Set(schemas.map((schema) => JSON.stringify(schema)))];
  // Only whether a value fits is asked.
  const ajv = new Ajv({ ...OPTIONS, messages: false, code: { source: true, esm: true } });
  const names = texts.map((_, index) => `fits${index}`);
  for (const [index, text] of texts.entries()) ajv.addSchema(JSON.parse(text), names[index]);
  const validators = standalone(ajv, Object.fromEntries(names.map((name) => [name, name])));
  const rows = texts.map((text, index) => `[${JSON.stringify(text)}, ${names[index]}]`);
  return `${validators}\nexport const ${name} = new Map([${rows}]);`;
}
