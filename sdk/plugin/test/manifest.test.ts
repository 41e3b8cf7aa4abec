import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { MANIFEST_SCHEMA, type PluginPackage, pluginNameOf } from '../src/manifest.ts';

const validate = new Ajv({ useDefaults: true }).compile(MANIFEST_SCHEMA);

function plugin(manifest: object = {}, overrides: object = {}): Record<string, unknown> {
  return {
    name: '@acme/plugin-thing',
    version: '1.0.0',
    main: 'dist/plugin.cjs',
    limiquantix: { sdk: '^1.0.0', activation: 'onStart', platforms: ['linux'], ...manifest },
    ...overrides,
  };
}

test('accepts every plugin of this project', () => {
  const plugins = new URL('../../../plugins/', import.meta.url);
  const names = readdirSync(plugins);
  expect(names).toContain('telemetry');
  for (const name of names) {
    const file = new URL(`${name}/package.json`, plugins);
    expect(validate(JSON.parse(readFileSync(file, 'utf8'))), name).toBe(true);
  }
});

test('fills in what a manifest leaves out', () => {
  const read = plugin();
  expect(validate(read)).toBe(true);
  expect((read as unknown as PluginPackage).limiquantix).toEqual({
    sdk: '^1.0.0',
    activation: 'onStart',
    platforms: ['linux'],
    provides: [],
    handles: [],
    methods: [],
    permissions: [],
    features: {},
    inherits: {},
    config: {},
  });
});

test.each([
  ['an unknown key', plugin({ handels: ['execute'] })],
  ['a method that the wire does not have', plugin({ handles: ['execute_all'] })],
  ['a method twice', plugin({ handles: ['execute', 'execute'] })],
  ['an own method with a dot', plugin({ methods: ['a.b'] })],
  ['a platform that there is not', plugin({ platforms: ['amiga'] })],
  ['an activation that there is not', plugin({ activation: 'sometimes' })],
  ['a feature that is no word', plugin({ features: { resize: true } })],
  ['a bundle that is no script', plugin({}, { main: 'dist/plugin.so' })],
  ['a bundle that is a TypeScript file', plugin({}, { main: 'src/index.ts' })],
  ['a name that leads elsewhere', plugin({}, { name: '../../etc/passwd' })],
  ['a name in capitals', plugin({}, { name: 'Thing' })],
  ['no version', plugin({}, { version: undefined })],
  ['no manifest', plugin({}, { limiquantix: undefined })],
])('refuses %s', (_what, read) => {
  expect(validate(JSON.parse(JSON.stringify(read)))).toBe(false);
});

test('a plugin is named after its package', () => {
  expect(pluginNameOf('@limiquantix/plugin-file')).toBe('file');
  expect(pluginNameOf('plugin-file')).toBe('file');
  expect(pluginNameOf('@acme/thing')).toBe('thing');
  expect(pluginNameOf('@acme/plugin-plugin-thing')).toBe('plugin-thing');
});
