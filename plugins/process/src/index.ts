import { definePlugin, KillProcess, ListProcesses, on, type Plugin } from '@limiquantix/plugin-sdk';
import { Killer } from './kill.ts';
import { Lister } from './list.ts';
import { ListedProcesses } from './listed.ts';

interface Config {
  /** The least time between the two samples that a CPU percentage is made of. */
  readonly sample_ms: number;
}

const plugin: Plugin<Config> = definePlugin<Config>(({ config, agent }) => {
  const listed = new ListedProcesses();
  const { maxMessageBytes } = agent;
  const lister = new Lister({ sampleMs: config.sample_ms, maxMessageBytes, listed });
  const killer = new Killer(listed);
  return {
    handlers: [
      on(ListProcesses, (request, call) => lister.list(request, call.signal)),
      on(KillProcess, (request) => killer.kill(request)),
    ],
  };
});

export default plugin;
