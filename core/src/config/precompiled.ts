/** Says whether a value fits, and fills in defaults. */
export type Validator = (value: unknown) => boolean;

/*
 * Empty in the source; when the agent is bundled, `precompile.mjs` writes what takes the place of
 * this module.
 */

/** What ajv made of the schemas that every start asks for, by their JSON text. */
export const PRECOMPILED: ReadonlyMap<string, Validator> = new Map();

/**
 * By the JSON text of a schema: values that were found to fit it, such as an empty section, and
 * what they are with their defaults, both as JSON text.
 */
export const KNOWN: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map();

/** By the text of a configuration file: what it says, as JSON text. */
export const PARSED: ReadonlyMap<string, string> = new Map();
