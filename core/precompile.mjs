// Compiles the schemas that an agent checks at each start, so that it need not load ajv.
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { MANIFEST_SCHEMA } from '../sdk/plugin/dist/host.js';
import { CONFIG_SCHEMA } from './dist/config/schema.js';

/**
 * @param {readonly object[]} schemas of the settings of plugins
 * @returns {string} the module that takes the place of src/config/precompiled.ts
 */
export function precompile(schemas) {
  const texts = [
    ...new Set(
      [CONFIG_SCHEMA, MANIFEST_SCHEMA, ...schemas].map((schema) => JSON.stringify(schema)),
    ),
  ];
  const ajv = new Ajv({
    useDefaults: true,
    strict: false,
    // Only whether a value fits is asked.
    messages: false,
    code: { source: true, esm: true },
  });
  const names = texts.map((_, index) => `fits${index}`);
  for (const [index, text] of texts.entries()) ajv.addSchema(JSON.parse(text), names[index]);
  const validators = standalone(ajv, Object.fromEntries(names.map((name) => [name, name])));
  const rows = texts.map((text, index) => `[${JSON.stringify(text)}, ${names[index]}]`);
  return `${validators}\nexport const PRECOMPILED = new Map([${rows}]);`;
}
