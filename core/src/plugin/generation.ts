import { AgentError } from '@limiquantix/agent-proto';
import type {
  Contribution,
  Handler,
  HookName,
  Hooks,
  PluginContext,
  Skip,
} from '@limiquantix/plugin-sdk';
import { createHooks, REQUEST_HOOKS, requireSync } from '@limiquantix/plugin-sdk/host';
import { compilePlugin } from './compile.ts';
import { within } from './deadline.ts';
import type { InstalledPlugin } from './discover.ts';
import { InUse } from './in-use.ts';

/** A plugin that found that this guest does not have what it needs. */
export class Skipped extends Error {}

/** How long a plugin may take to be activated, to start or to stop. */
const STEP_LIMIT_MS = 10_000;

/** What a request passes, and what a host is told first, must be complete before there is a host. */
const BEFORE_ANY_HOST: readonly HookName[] = ['capabilities', ...REQUEST_HOOKS];

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
  /** Of its own methods. */
  readonly calls: InUse = new InUse();
  readonly #context: PluginContext<unknown>;
  #activation: Promise<Active> | undefined;
  #active: Active | undefined;
  /** Between its start and its end. */
  #running = false;

  constructor(plugin: InstalledPlugin, context: PluginContext<unknown>) {
    this.plugin = plugin;
    this.#context = context;
  }

  /** Undefined until its code was loaded. */
  get active(): Active | undefined {
    return this.#active;
  }

  /** Whether its code was asked for, though it may still be loading. */
  get begun(): boolean {
    return this.#activation !== undefined;
  }

  /**
   * Loads and checks the plugin's code, once.
   * @throws AgentError where it fails; Skipped where it says that it does not fit this guest
   */
  activate(): Promise<Active> {
    this.#activation ??= this.#load();
    return this.#activation;
  }

  /** Runs the taps of its own start, unless they have run: it takes devices, ports and watchers. */
  async started(): Promise<void> {
    if (!this.#active || this.#running) return;
    this.#running = true;
    const { started } = this.#active.hooks;
    if (started.isUsed()) await this.#within('started', started.promise());
  }

  /** The same where another version was to take its place and could not. */
  startedAgain(): Promise<void> {
    return this.#attempt(() => this.started());
  }

  /**
   * Runs the taps of its own end, where it was started, though it may have failed to. It may go
   * on answering: calls in flight end with it.
   */
  stopping(): Promise<void> {
    return this.#attempt(async () => {
      if (!this.#active || !this.#running) return;
      this.#running = false;
      const { stopping } = this.#active.hooks;
      if (stopping.isUsed()) await this.#within('stopping', stopping.promise());
    });
  }

  /**
   * Gives back what it holds after its last call. To be called once, as {@link end}.
   * @param untapped resolves when no call passes its taps any more, be it another plugin's
   */
  async drain(untapped: Promise<unknown>): Promise<void> {
    await this.calls.idle();
    if (REQUEST_HOOKS.some((name) => this.#active?.hooks[name].isUsed())) await untapped;
    await this.#dispose();
  }

  /** Ends it whether or not it has calls. */
  async end(): Promise<void> {
    await this.stopping();
    await this.#dispose();
  }

  async #load(): Promise<Active> {
    const activation = (async () => compilePlugin(this.plugin).activate(this.#context))();
    const result = await this.#within('activate', activation).catch((fault) => {
      // What comes too late must not stay.
      void activation.then(disposeOf, () => undefined);
      throw fault;
    });
    if (typeof result !== 'object' || result === null) throw this.#fault('it contributes nothing');
    if ('skip' in result) throw new Skipped(result.skip);
    try {
      const handlers = new Map(result.handlers?.map((h) => [h.method.name, h]));
      const hooks = createHooks();
      this.#check(result, handlers);
      result.tap?.(hooks);
      requireSync(hooks);
      this.#checkTaps(hooks);
      this.#active = { contribution: result, handlers, hooks };
      return this.#active;
    } catch (fault) {
      await disposeOf(result);
      throw fault;
    }
  }

  #dispose(): Promise<void> {
    return this.#attempt(async () => {
      const contribution = this.#active?.contribution;
      if (contribution) await this.#within('dispose', (async () => contribution.dispose?.())());
    });
  }

  /** What fails here must keep nothing else from happening. */
  async #attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (thrown) {
      const { name: plugin, version } = this.plugin;
      this.#context.log.warn(`plugin does not behave: ${thrown}`, { plugin, version });
    }
  }

  #within<T>(step: string, promise: Promise<T>): Promise<T> {
    const { name, version } = this.plugin;
    return within(STEP_LIMIT_MS, `${step} of the plugin ${name} ${version}`, promise);
  }

  #check(contribution: Contribution, handlers: ReadonlyMap<string, Handler>): void {
    const { manifest } = this.plugin;
    this.#same('handlers', [...handlers.keys()], manifest.handles);
    this.#same('methods', Object.keys(contribution.methods ?? {}), manifest.methods);
    if (contribution.tap && manifest.activation === 'onRequest') {
      throw this.#fault('it taps hooks, so its manifest must say "activation": "onStart"');
    }
  }

  #checkTaps(hooks: Hooks): void {
    if (this.plugin.manifest.activation === 'onStart') return;
    const early = BEFORE_ANY_HOST.filter((name) => hooks[name].isUsed());
    if (early.length === 0) return;
    throw this.#fault(`it taps ${early}, so its manifest must say "activation": "onStart"`);
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
      resolution: 'Correct the plugin and reload it',
    });
  }
}

async function disposeOf(result: Contribution | Skip): Promise<void> {
  try {
    if (!('skip' in result)) await result.dispose?.();
  } catch {
    // It failed already, and that is what is told.
  }
}
