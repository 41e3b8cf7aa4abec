import {
  definePlugin,
  GetHardwareInfo,
  ListInstalledSoftware,
  on,
  type Plugin,
} from '@limiquantix/plugin-sdk';
import { Hardware } from './hardware.ts';
import { Software } from './software.ts';
import { unlessAborted } from './unless-aborted.ts';

export { printGraphics } from './linux/hardware/nvidia-gpus.ts';

interface Config {
  readonly cache_secs: number;
}

const plugin: Plugin<Config> = definePlugin<Config>(({ config, log, agent }) => {
  // What is read is kept for others too: a call that is cancelled leaves, and it goes on.
  const stopped = new AbortController();
  const { signal } = stopped;
  const hardware = new Hardware({ cacheMs: config.cache_secs * 1000, log, signal });
  const software = new Software({ log, agent, signal });
  return {
    handlers: [
      on(GetHardwareInfo, async (request, call) => ({
        hardware: await unlessAborted(hardware.describe(request), call.signal),
      })),
      on(ListInstalledSoftware, (request, call) =>
        unlessAborted(software.list(request), call.signal),
      ),
    ],
    dispose: () => stopped.abort(),
  };
});

export default plugin;
