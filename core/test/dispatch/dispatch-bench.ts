import { duplexPair } from 'node:stream';
import type { Hooks } from '@limiquantix/plugin-sdk';
import { expect, onTestFinished } from 'vitest';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import { builtinHandlers } from '../../src/methods/builtin.ts';
import type { PluginRegistry } from '../../src/plugin/registry.ts';
import { DEFAULT_LIMITS, Limiter, type Limits } from '../../src/security/limiter.ts';
import { Session } from '../../src/session/session.ts';
import { Host } from '../host.ts';
import { PluginBench, type PluginSource } from '../plugins.ts';

export interface ServeOptions {
  readonly taps?: (hooks: Hooks) => void;
  readonly limits?: Limits;
}

/** A dispatcher over real plugins, and hosts for it. */
export class DispatchBench extends PluginBench {
  /** Each call that settled: its id and `ok`, or the error's name. */
  readonly settled: string[] = [];
  #plugins: PluginRegistry | undefined;
  #dispatcher: Dispatcher | undefined;

  get plugins(): PluginRegistry {
    return this.#plugins as PluginRegistry;
  }

  get dispatcher(): Dispatcher {
    return this.#dispatcher as Dispatcher;
  }

  async serve({ taps, limits = DEFAULT_LIMITS }: ServeOptions = {}): Promise<void> {
    const coreTaps = (hooks: Hooks) => {
      taps?.(hooks);
      hooks.settled.tap('test', ({ id }, { error }) =>
        this.settled.push(`${id} ${error?.name ?? 'ok'}`),
      );
    };
    const registry = await this.registry({ coreTaps });
    await registry.start();
    this.#plugins = registry;
    this.#dispatcher = new Dispatcher({
      registry,
      limiter: new Limiter(limits),
      builtin: builtinHandlers({ registry, capabilities: () => ({}), greet: () => undefined }),
      log: { ...this.log, with: () => this.log } as never,
    });
  }

  connect(): Host & { readonly session: Session } {
    const [near, far] = duplexPair();
    const session = new Session({
      stream: near,
      framing: 'auto',
      maxMessageBytes: 2_000_000,
      log: this.log,
      onRequest: (request, from) => this.dispatcher.dispatch(request, from),
      onEnd: () => undefined,
    });
    onTestFinished(() => session.end());
    return Object.assign(new Host(far), { session });
  }

  /** Resolves when plugins recorded exactly this. */
  begun(...ids: string[]): Promise<void> {
    return expect.poll(() => this.records).toEqual(ids);
  }
}

/** A plugin whose `execute` has this as its body, with `request` and `call` in scope. */
export const execute = (body: string): PluginSource => ({
  manifest: { handles: ['execute'] },
  code: `return { handlers: [on('execute', (request, call) => { ${body} })] };`,
});

/** One that records what it begins and waits at the gate that the command names. */
export const waiting: PluginSource = {
  manifest: { handles: ['execute', 'file_read', 'thaw'] },
  code: `
    const wait = (field) => async (request, call) => {
      record(call.id);
      await Promise.race([gate(request[field] ?? ''), new Promise((resolve, reject) =>
        call.signal.addEventListener('abort', () => reject(call.signal.reason)))]);
      return {};
    };
    return { handlers: [on('execute', wait('command')), on('file_read', wait('path')), on('thaw', wait('none'))] };`,
};

/** One execution at a time. */
export const tight: Limits = {
  ...DEFAULT_LIMITS,
  execution: { running: 1, waiting: 2, waitingBytes: 1_000_000 },
};
