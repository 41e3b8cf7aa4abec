import { ErrorReason, type Init, type PluginInfo, PluginState } from '@limiquantix/agent-proto';
import type { Hooks, Logger, PluginContext } from '@limiquantix/plugin-sdk';
import type { Activation } from '@limiquantix/plugin-sdk/host';
import { isDue } from './activation.ts';
import { within } from './deadline.ts';
import { type Discovery, type InstalledPlugin, readPlugin, tellBroken } from './discover.ts';
import { type Entry, fail, infoOf, newEntry, requireOwnMethods, settle, whyIdle } from './entry.ts';
import { disabledByGuest, failureOf, refused, unanswered } from './errors.ts';
import { Generation, Skipped } from './generation.ts';
import { buildPipeline, type Pipeline } from './pipeline.ts';

export interface RegistryOptions {
  readonly discovery: Discovery;
  /** Whether the configuration wants the plugin. */
  readonly enabled: (name: string) => boolean;
  readonly context: (plugin: InstalledPlugin) => Promise<PluginContext<unknown>>;
  readonly coreTaps: (hooks: Hooks) => void;
  readonly log: Logger;
  /** A plugin's state changed. */
  readonly onChange: (info: Init<PluginInfo>) => void;
}

/** How long one plugin may hold up the others' end. */
const STOP_LIMIT_MS = 150;

/** The plugins of this agent and the pipeline that they make up. */
export class PluginRegistry {
  readonly #options: RegistryOptions;
  readonly #entries: Map<string, Entry>;
  /** Undefined where something changed since. */
  #pipeline: Pipeline | undefined;
  /** Resolves when no call passes a pipeline that was replaced. */
  #former: Promise<unknown> = Promise.resolve();
  /** Changes of plugins run one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Set once a host was there. */
  #hosted: Promise<void> | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
    // Bundled plugins come first: what two of them claim belongs to those.
    const plugins = [...options.discovery.plugins].sort(
      (a, b) => Number(a.thirdParty) - Number(b.thirdParty),
    );
    this.#entries = new Map(
      plugins.map((plugin) => [plugin.name, newEntry(plugin, options.enabled(plugin.name))]),
    );
  }

  get pipeline(): Pipeline {
    this.#pipeline ??= this.#build();
    return this.#pipeline;
  }

  /** Announces every enabled plugin and loads the code of those that run from the start. */
  async load(): Promise<void> {
    tellBroken(this.#options.discovery, this.#options.log);
    for (const entry of this.#entries.values()) {
      if (entry.enabled && !entry.plugin.unsupported) await this.#bringUp(entry);
    }
    this.#rebuild();
  }

  /** A plugin that cannot start fails alone. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      await this.load();
      await this.#start('onStart', 'onState');
    });
  }

  /** There is a host: the first time, those that work for one only are loaded and started. */
  hostConnected(): Promise<void> {
    this.#hosted ??= this.#inTurn(async () => {
      for (const { plugin, generation } of this.#entries.values()) {
        // What fails is told, and leaves the others alone.
        if (generation && plugin.manifest.activation === 'onConnect')
          await this.activate(generation).catch(() => undefined);
      }
      this.#rebuild();
      await this.#start('onConnect');
    });
    return this.#hosted;
  }

  /** In the reverse order of start. Calls in flight were ended before. */
  async stop(): Promise<void> {
    for (const generation of [...this.pipeline.generations].reverse()) {
      const { name } = generation.plugin;
      await within(STOP_LIMIT_MS, `the end of the plugin ${name}`, generation.end()).catch((late) =>
        this.#options.log.warn(String(late)),
      );
    }
  }

  list(): Init<PluginInfo>[] {
    return [...this.#entries.values()].map(infoOf);
  }

  /** What was last found of a plugin on disk; undefined where there is none of that name. */
  installed(name: string): InstalledPlugin | undefined {
    return this.#entries.get(name)?.plugin;
  }

  /** Why nobody answers a method; undefined where no plugin is known to. */
  whyAbsent(method: string): string | undefined {
    const entries = [...this.#entries.values()];
    const entry = entries.find(({ plugin }) => plugin.manifest.handles.includes(method));
    return entry && whyIdle(entry);
  }

  /**
   * The plugin that answers a method of its own.
   * @throws AgentError saying why none does
   */
  ownerOf(name: string, method: string): Generation {
    const entry = this.#entries.get(name);
    if (!entry) throw unanswered(name, method, 'no such plugin is installed');
    if (!entry.generation) throw unanswered(name, method, whyIdle(entry));
    const { methods } = entry.plugin.manifest;
    if (methods.includes(method)) return entry.generation;
    throw unanswered(name, method, `its methods are: ${methods.join(', ') || 'none'}`);
  }

  /** Loads a plugin at its first request; a failure takes it out of the pipeline. */
  async activate(generation: Generation): Promise<NonNullable<Generation['active']>> {
    try {
      const first = generation.active === undefined;
      const active = await generation.activate();
      if (first) await this.#activated(generation);
      return active;
    } catch (thrown) {
      const { plugin } = generation;
      const entry = this.#entries.get(plugin.name);
      if (entry?.generation === generation) {
        this.#fail(entry, thrown);
        this.#rebuild();
        await generation.end();
      }
      throw failureOf(plugin, thrown);
    }
  }

  count(generation: Generation, failed: boolean): void {
    const entry = this.#entries.get(generation.plugin.name);
    if (!entry) return;
    entry.served++;
    if (failed) entry.failed++;
  }

  /**
   * What the configuration has disabled is the guest's own decision: no host may undo it.
   * @throws AgentError where there is no such plugin, it is not to run, or it cannot be loaded
   */
  enable(name: string): Promise<Init<PluginInfo>> {
    return this.#change(name, async (entry) => {
      if (entry.generation) return;
      if (!this.#options.enabled(name)) throw disabledByGuest(name);
      entry.enabled = true;
      await this.#renew(entry);
    });
  }

  /**
   * Until the next start or {@link enable}; the configuration's own word stays as it is.
   * Calls in flight go on to their end.
   */
  disable(name: string): Promise<Init<PluginInfo>> {
    return this.#change(name, (entry) => this.#takeOut(entry));
  }

  /**
   * Takes in what was found on disk: a plugin that is new, or another version of one, which is swapped in
   * as by {@link reload}.
   * @throws AgentError where it cannot take the old one's place: that goes on
   */
  install(plugin: InstalledPlugin): Promise<Init<PluginInfo>> {
    const { name } = plugin;
    if (!this.#entries.has(name)) {
      this.#entries.set(name, newEntry(plugin, this.#options.enabled(name)));
    }
    return this.#change(name, async (entry) => {
      const runs = entry.enabled && !plugin.unsupported;
      if (runs || entry.generation) await this.#renew(entry, plugin);
      else Object.assign(entry, newEntry(plugin, entry.enabled));
    });
  }

  /** Calls in flight go on to their end; then nothing of it is left. */
  uninstall(name: string): Promise<Init<PluginInfo>> {
    return this.#change(name, async (entry) => {
      this.#entries.delete(name);
      await this.#takeOut(entry);
    });
  }

  /**
   * Reads the plugin's folder again and swaps what is there in. Calls in flight end with
   * the version that they began with; where the new one fails, the old one goes on.
   */
  reload(name: string): Promise<Init<PluginInfo>> {
    return this.#change(name, async (entry) => {
      if (!entry.enabled)
        throw refused(`${name} is disabled: enable it first`, ErrorReason.CONFLICT);
      await this.#renew(entry);
    });
  }

  async #renew(entry: Entry, found?: InstalledPlugin): Promise<void> {
    const { name, dir, thirdParty } = entry.plugin;
    try {
      const plugin = found ?? (await readPlugin(dir, thirdParty));
      if (plugin.name !== name) {
        throw refused(`${dir} holds the plugin ${plugin.name} now`, ErrorReason.CONFLICT);
      }
      await this.#replace(entry, plugin);
    } catch (thrown) {
      if (!entry.generation) {
        entry.plugin = found ?? entry.plugin;
        this.#fail(entry, thrown);
      }
      throw failureOf(entry.plugin, thrown);
    }
  }

  async #replace(entry: Entry, plugin: InstalledPlugin): Promise<void> {
    if (plugin.unsupported) throw new Skipped(plugin.unsupported);
    requireOwnMethods(plugin, this.#entries.values());
    const old = entry.generation;
    const context = await this.#options.context(plugin);
    const next = new Generation(plugin, context);
    // The new code must prove that it loads before it may take over.
    if (old?.begun || isDue(plugin, context, this.#hosted !== undefined)) await next.activate();
    // Devices, ports and watchers pass from the old one to the new one.
    await old?.stopping();
    try {
      await next.started();
    } catch (thrown) {
      await next.end();
      await old?.startedAgain();
      throw thrown;
    }
    entry.plugin = plugin;
    entry.generation = next;
    settle(entry);
    this.#rebuild();
    void old?.drain(this.#former);
  }

  #change(name: string, action: (entry: Entry) => Promise<void>): Promise<Init<PluginInfo>> {
    return this.#inTurn(async () => {
      const entry = this.#entries.get(name);
      if (!entry) throw refused(`no plugin ${name} is installed`, ErrorReason.NOT_FOUND);
      await action(entry);
      const info = infoOf(entry);
      this.#options.onChange(info);
      this.#options.log.info('plugin changed', {
        plugin: name,
        version: entry.plugin.version,
        enabled: entry.enabled,
      });
      return info;
    });
  }

  async #takeOut(entry: Entry): Promise<void> {
    const old = entry.generation;
    entry.enabled = false;
    entry.generation = undefined;
    entry.state = old?.calls.busy ? PluginState.DRAINING : PluginState.DISABLED;
    entry.error = '';
    this.#rebuild();
    if (!old) return;
    await old.stopping();
    void old.drain(this.#former).then(() => this.#drained(entry));
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(action);
    this.#turn = run.catch(() => undefined);
    return run;
  }

  async #bringUp(entry: Entry): Promise<void> {
    try {
      requireOwnMethods(entry.plugin, this.#entries.values());
      const context = await this.#options.context(entry.plugin);
      const generation = new Generation(entry.plugin, context);
      entry.generation = generation;
      settle(entry);
      if (!isDue(entry.plugin, context, this.#hosted !== undefined)) return;
      await generation.activate();
      settle(entry);
    } catch (thrown) {
      this.#fail(entry, thrown);
    }
  }

  async #start(...activations: Activation[]): Promise<void> {
    for (const entry of this.#entries.values()) {
      const { plugin, generation } = entry;
      if (!generation || !activations.includes(plugin.manifest.activation)) continue;
      try {
        await generation.started();
      } catch (thrown) {
        this.#fail(entry, thrown);
        this.#rebuild();
        await generation.end();
      }
    }
  }

  async #activated(generation: Generation): Promise<void> {
    const { name, manifest } = generation.plugin;
    const entry = this.#entries.get(name);
    if (entry?.generation !== generation) return;
    if (manifest.activation === 'onState') {
      await generation.started();
      this.#rebuild();
    }
    settle(entry);
  }

  #fail(entry: Entry, thrown: unknown): void {
    fail(entry, thrown, this.#options.log);
    this.#options.onChange(infoOf(entry));
  }

  #drained(entry: Entry): void {
    if (entry.state !== PluginState.DRAINING) return;
    entry.state = PluginState.DISABLED;
    this.#options.onChange(infoOf(entry));
  }

  #rebuild(): void {
    this.#former = Promise.all([this.#former, this.#pipeline?.calls.idle()]);
    this.#pipeline = undefined;
  }

  #build(): Pipeline {
    const generations = [...this.#entries.values()].flatMap(({ generation }) => generation ?? []);
    return buildPipeline(generations, this.#options.coreTaps);
  }
}
