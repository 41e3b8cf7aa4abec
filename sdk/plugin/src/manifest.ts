import { METHODS } from '@limiquantix/agent-proto';

/**
 * When a plugin's code is loaded: at its first request, once the first host was greeted, or before
 * any host is. With `onState` it is before any host where the file is there that its setting
 * `state_file` names, which an agent before this one left behind, and else at its first request.
 * With `onRequest` it has no taps, and with `onConnect` and `onState` none of a request's way.
 */
export type Activation = 'onRequest' | 'onConnect' | 'onState' | 'onStart';

/** The `limiquantix` section of a plugin's package.json. */
export interface Manifest {
  /** The range of SDK versions that it works with. */
  readonly sdk: string;
  /** Capabilities that it announces. */
  readonly provides: readonly string[];
  /** Methods that it answers, by their names on the wire. */
  readonly handles: readonly string[];
  /** Its own methods, reached through `plugin_call`. */
  readonly methods: readonly string[];
  readonly activation: Activation;
  /** As of `process.platform`. */
  readonly platforms: readonly string[];
  /** What it does to the guest; for policy and audit, not a sandbox. */
  readonly permissions: readonly string[];
  /** Rows of GetCapabilities' `features`. */
  readonly features: Readonly<Record<string, string>>;
  /** Its own settings that default to one of the agent's flat keys. */
  readonly inherits: Readonly<Record<string, string>>;
  /** JSON schema of its settings. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** A plugin's package.json, as far as the agent reads it. */
export interface PluginPackage {
  readonly name: string;
  readonly version: string;
  /** The bundle: one CommonJS file, relative to the package. */
  readonly main: string;
  readonly limiquantix: Manifest;
}

const strings = { type: 'array', items: { type: 'string' }, uniqueItems: true, default: [] };
const words = { type: 'object', additionalProperties: { type: 'string' }, default: {} };

/** JSON schema (draft 7) of {@link PluginPackage}; fills in the defaults. */
export const MANIFEST_SCHEMA: Readonly<Record<string, unknown>> = {
  type: 'object',
  required: ['name', 'version', 'main', 'limiquantix'],
  properties: {
    name: {
      type: 'string',
      pattern: '^(@[a-z0-9-]+/)?(plugin-)?[a-z][a-z0-9-]{0,62}$',
      description: '[@scope/][plugin-]name, of lower-case letters, digits and "-"',
    },
    version: { type: 'string' },
    main: { type: 'string', pattern: '\\.c?js$', description: 'a CommonJS file, .cjs or .js' },
    limiquantix: {
      type: 'object',
      required: ['sdk', 'activation', 'platforms'],
      additionalProperties: false,
      properties: {
        sdk: { type: 'string' },
        provides: strings,
        handles: {
          ...strings,
          items: { type: 'string', enum: METHODS.map((method) => method.name) },
        },
        methods: {
          ...strings,
          items: {
            type: 'string',
            pattern: '^[a-z][a-z0-9_]{0,62}$',
            description: 'lower-case letters, digits and "_"',
          },
        },
        activation: { enum: ['onRequest', 'onConnect', 'onState', 'onStart'] },
        platforms: { ...strings, items: { enum: ['linux', 'win32'] } },
        permissions: strings,
        features: words,
        inherits: words,
        config: { type: 'object', default: {} },
      },
    },
  },
};

/** `@limiquantix/plugin-file` is the plugin `file`. */
export function pluginNameOf(packageName: string): string {
  return packageName.replace(/^@[^/]*\//, '').replace(/^plugin-/, '');
}
