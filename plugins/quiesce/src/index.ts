import { definePlugin, on, type Plugin, Quiesce, Thaw } from '@limiquantix/plugin-sdk';
import { type QuiesceConfig, Quiescer } from './quiescer.ts';

const plugin: Plugin<QuiesceConfig> = definePlugin<QuiesceConfig>((context) => {
  const { name, config, freezeGate, log } = context;
  const quiescer = new Quiescer({ config, gate: freezeGate, log });
  return {
    handlers: [
      on(Quiesce, (request, call) => quiescer.quiesce(request, call.signal)),
      on(Thaw, (request) => quiescer.thaw(request)),
    ],
    tap(hooks) {
      hooks.started.tapPromise(name, () => quiescer.start());
      hooks.stopping.tapPromise(name, () => quiescer.stop());
    },
  };
});

export default plugin;
