import type { Validator } from './precompiled.ts';

/**
 * What ajv made of the schemas of all settings, by their JSON text. Empty in the source, as
 * `precompiled.ts` is; a file of its own beside the bundle.
 */
export const VALIDATORS: ReadonlyMap<string, Validator> = new Map();
