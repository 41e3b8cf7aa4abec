import { definePlugin, Execute, on, type Plugin } from '@limiquantix/plugin-sdk';
import { type ExecuteConfig, Executor } from './execute.ts';

const plugin: Plugin<ExecuteConfig> = definePlugin<ExecuteConfig>(({ config, agent, log }) => {
  const executor = new Executor({ config, maxMessageBytes: agent.maxMessageBytes, log });
  return {
    handlers: [on(Execute, (request, call) => executor.execute(request, call))],
    dispose: () => executor.dispose(),
  };
});

export default plugin;
