import { ConfigureNetwork, definePlugin, on, type Plugin } from '@limiquantix/plugin-sdk';
import { AccountFiles, type RunTool, runTool } from '@limiquantix/plugin-sdk/guest';
import { Configurator } from './configure.ts';
import { Ifupdown } from './linux/ifupdown/index.ts';
import { addressesOf } from './linux/interface.ts';
import { Netplan } from './linux/netplan/index.ts';
import { NetworkManager } from './linux/network-manager.ts';
import { Networkd } from './linux/networkd/index.ts';
import { Tools } from './tools.ts';

export interface NetworkConfig {
  readonly apply_timeout_secs: number;
  readonly readback_timeout_secs: number;
  readonly root: string;
}

/** The guest, as far as this plugin touches it. */
export interface Guest {
  readonly run: RunTool;
  /** As /sys/class/net. */
  readonly interfaces: string;
  /** The addresses that the kernel has for an interface, as `10.0.0.5/24`. */
  readonly addressesOf: (name: string) => readonly string[];
}

const THIS_GUEST: Guest = {
  run: runTool,
  interfaces: '/sys/class/net',
  addressesOf,
};

export function networkPlugin(guest: Guest = THIS_GUEST): Plugin<NetworkConfig> {
  return definePlugin<NetworkConfig>(({ config, log }) => {
    const { root } = config;
    const tools = new Tools(guest.run, config.apply_timeout_secs * 1000);
    const configurator = new Configurator({
      backends: [
        new Netplan({ tools, root, inUse: true }),
        new NetworkManager(tools),
        new Networkd({ tools, root, accounts: new AccountFiles() }),
        new Ifupdown({ tools, root }),
        // Installed and empty, it is what is left to write to.
        new Netplan({ tools, root, inUse: false }),
      ],
      readbackTimeoutMs: config.readback_timeout_secs * 1000,
      interfaces: guest.interfaces,
      addressesOf: guest.addressesOf,
      log,
    });
    return {
      handlers: [on(ConfigureNetwork, (request, call) => configurator.configure(request, call))],
    };
  });
}
