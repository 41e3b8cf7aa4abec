import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Init, PluginInfo } from '@limiquantix/agent-proto';
import type { Hooks, PluginContext } from '@limiquantix/plugin-sdk';
import type { Manifest } from '@limiquantix/plugin-sdk/host';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { onTestFinished } from 'vitest';
import { discoverPlugins, type InstalledPlugin } from '../src/plugin/discover.ts';
import { PluginRegistry } from '../src/plugin/registry.ts';
import { temporaryFolder } from './temporary.ts';

export interface PluginSource {
  readonly version?: string;
  readonly manifest?: Partial<Manifest>;
  /**
   * Body of `activate`. In scope: `context`, `on(method, handle)`, `record(text)` and
   * `gate(name)`, a promise that the test resolves.
   */
  readonly code: string;
}

/** Writes a plugin as it would be installed. @returns its folder */
export function writePlugin(parent: string, name: string, source: PluginSource): string {
  const dir = join(parent, name);
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const manifest = { sdk: '^1.0.0', activation: 'onRequest', platforms: ['linux', 'win32'] };
  const found = {
    name: `@limiquantix/plugin-${name}`,
    version: source.version ?? '1.0.0',
    main: 'plugin.cjs',
    limiquantix: { ...manifest, ...source.manifest },
  };
  const bundle = `
    const on = (name, handle) => ({ method: { name }, handle });
    exports.activate = (context) => {
      const { record, gate } = context.config;
      ${source.code}
    };`;
  writeFileSync(join(dir, 'package.json'), JSON.stringify(found), { mode: 0o644 });
  writeFileSync(join(dir, 'plugin.cjs'), bundle, { mode: 0o644 });
  return dir;
}

/** A registry over real plugins in a folder of its own. */
export class PluginBench {
  readonly folder: string = temporaryFolder();
  /** What plugins recorded. */
  readonly records: string[] = [];
  readonly changes: Init<PluginInfo>[] = [];
  readonly log: ReturnType<typeof memoryLogger> = memoryLogger();
  readonly disabled: Set<string> = new Set();
  /** The setting of that name, which all plugins have. */
  readonly stateFile: string = join(temporaryFolder(), 'state.json');
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();

  write(name: string, source: PluginSource): this {
    writePlugin(this.folder, name, source);
    return this;
  }

  /** Lets plugins pass that wait, or will wait, at a gate. */
  open(gate: string): void {
    this.#gate(gate).resolve();
  }

  /** What a new look at the folder finds. */
  async found(name: string): Promise<InstalledPlugin> {
    const { plugins } = await discoverPlugins(this.folder, []);
    return plugins.find((plugin) => plugin.name === name) as InstalledPlugin;
  }

  async registry(
    { coreTaps = () => undefined }: { coreTaps?: (hooks: Hooks) => void } = {},
    thirdParty: readonly string[] = [],
  ): Promise<PluginRegistry> {
    const registry = new PluginRegistry({
      discovery: await discoverPlugins(this.folder, thirdParty),
      enabled: (name) => !this.disabled.has(name),
      context: async ({ name, version }) => this.#context(name, version),
      coreTaps,
      log: this.log,
      onChange: (info) => this.changes.push(info),
    });
    onTestFinished(() => registry.stop());
    return registry;
  }

  #context(name: string, version: string): PluginContext<unknown> {
    const config = {
      state_file: this.stateFile,
      record: (text: string) => this.records.push(text),
      gate: (gate: string) => this.#gate(gate).promise,
    };
    return { name, version, config, log: this.log } as unknown as PluginContext<unknown>;
  }

  #gate(name: string): PromiseWithResolvers<void> {
    const known = this.#gates.get(name) ?? Promise.withResolvers<void>();
    this.#gates.set(name, known);
    return known;
  }
}

/** State and error of a plugin, as list_plugins says. */
export function infoOf(registry: PluginRegistry, name: string): Init<PluginInfo> | undefined {
  return registry.list().find((info) => info.name === name);
}
