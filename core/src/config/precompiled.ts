/** Says whether a value fits, and fills in defaults. */
type Validator = (value: unknown) => boolean;

/**
 * By the JSON text of a schema: what ajv made of it when the agent was bundled. Empty in the
 * source; `precompile.mjs` writes what takes its place.
 */
export const PRECOMPILED: ReadonlyMap<string, Validator> = new Map();
