import type { Generation } from '../../src/plugin/generation.ts';
import type { PluginRegistry } from '../../src/plugin/registry.ts';
import type { PluginSource } from '../plugins.ts';

export const handles = { handles: ['execute'], provides: ['execute'] };
export const onStart = { activation: 'onStart' } as const;
export const onConnect = { activation: 'onConnect' } as const;
export const onState = { activation: 'onState' } as const;

/** Answers with its version; records when it is activated and disposed. */
export const versioned = (version: string, more = ''): PluginSource => ({
  version,
  manifest: handles,
  code: `
    record('activate ${version}');
    ${more}
    return {
      handlers: [on('execute', async () => { await gate('${version}'); return '${version}'; })],
      dispose: () => record('dispose ${version}'),
    };`,
});

/** Records what happens to it from start to end. */
export const recorder = (
  name: string,
  { started = '', stopping = '', version = '1.0.0' } = {},
) => ({
  version,
  manifest: onStart,
  code: `
    return {
      tap(hooks) {
        hooks.started.tapPromise('${name}', async () => { record('${name} started'); ${started} });
        hooks.stopping.tapPromise('${name}', async () => { record('${name} stopping'); ${stopping} });
      },
      dispose: () => record('${name} disposed'),
    };`,
});

export const route = (registry: PluginRegistry): Generation =>
  registry.pipeline.routes.get('execute') as Generation;

/** Calls the plugin that answers `execute`, as the dispatcher does. */
export async function call(registry: PluginRegistry): Promise<string> {
  const generation = route(registry);
  generation.calls.enter();
  try {
    const active = generation.active ?? (await registry.activate(generation));
    return await active.handlers.get('execute')?.handle({}, {} as never);
  } finally {
    generation.calls.leave();
  }
}
