import { AgentError } from '@limiquantix/agent-proto';
import type { Contribution, Handler, Hooks, PluginContext } from '@limiquantix/plugin-sdk';
import { createHooks } from '@limiquantix/plugin-sdk/host';
import { compilePlugin } from './compile.ts';
import type { InstalledPlugin } from './discover.ts';

/** A plugin that found that this guest does not have what it needs. */
export class Skipped extends Error {}

/** What a generation offers once it is active. */
export interface Active {
  readonly contribution: Contribution;
  /** By method name. */
  readonly handlers: ReadonlyMap<string, Handler>;
  /** Its own taps; a pipeline copies those of the request's way. */
  readonly hooks: Hooks;
}

/**
 * One version's life: announced, activated at first use (or at start), serving, drained,
 * disposed. A version that was replaced ends with its last call.
 */
export class Generation {
  readonly plugin: InstalledPlugin;
  readonly #context: PluginContext<unknown>;
  #activation: Promise<Active> | undefined;
  #active: Active | undefined;
  #calls = 0;
  #idle: (() => void) | undefined;

  constructor(plugin: InstalledPlugin, context: PluginContext<unknown>) {
    this.plugin = plugin;
    this.#context = context;
  }

  /** Undefined until its code was loaded. */
  get active(): Active | undefined {
    return this.#active;
  }

  /**
   * Loads and checks the plugin's code, once.
   * @throws AgentError where it fails; Skipped where it says that it does not fit this guest
   */
  activate(): Promise<Active> {
    this.#activation ??= this.#load();
    return this.#activation;
  }

  enter(): void {
    this.#calls++;
  }

  leave(): void {
    this.#calls--;
    if (this.#calls === 0) this.#idle?.();
  }

  /** Waits for its calls to end, then gives back what it holds. To be called once. */
  async retire(): Promise<void> {
    if (this.#calls > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    await this.#active?.contribution.dispose?.();
  }

  async #load(): Promise<Active> {
    const result = await compilePlugin(this.plugin.bundle).activate(this.#context);
    if ('skip' in result) throw new Skipped(result.skip);
    const handlers = new Map(result.handlers?.map((h) => [h.method.name, h]));
    const hooks = createHooks();
    this.#check(result, handlers);
    result.tap?.(hooks);
    this.#active = { contribution: result, handlers, hooks };
    return this.#active;
  }

  #check(contribution: Contribution, handlers: ReadonlyMap<string, Handler>): void {
    const { manifest } = this.plugin;
    this.#same('handlers', [...handlers.keys()], manifest.handles);
    this.#same('methods', Object.keys(contribution.methods ?? {}), manifest.methods);
    if (contribution.tap && manifest.activation !== 'onStart') {
      throw this.#fault('it taps hooks, so its manifest must say "activation": "onStart"');
    }
  }

  #same(what: string, real: readonly string[], announced: readonly string[]): void {
    const missing = announced.filter((name) => !real.includes(name));
    const extra = real.filter((name) => !announced.includes(name));
    if (missing.length + extra.length === 0) return;
    throw this.#fault(
      `its ${what} and its manifest differ (missing: ${missing}; not announced: ${extra})`,
    );
  }

  #fault(reason: string): AgentError {
    return new AgentError('INTERNAL_ERROR', {
      detail: `plugin ${this.plugin.name} ${this.plugin.version}: ${reason}`,
    });
  }
}
