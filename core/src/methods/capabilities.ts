import { machine, platform } from 'node:os';
import type { GetCapabilitiesResponse, Init } from '@limiquantix/agent-proto';
import type { Capabilities, Hooks, Logger } from '@limiquantix/plugin-sdk';
import type { Config } from '../config/config.ts';
import type { PluginRegistry } from '../plugin/registry.ts';
import { BUILD_COMMIT, BUILD_TIME, VERSION } from '../version.ts';

/** Room for a message's other fields beside its chunk. */
const ENVELOPE_ROOM = 64 * 1024;

/** What this agent can do: what is enabled, fits this guest, and did not fail. */
export function capabilitiesOf(
  registry: PluginRegistry,
  config: Config,
  log: Logger,
): Init<GetCapabilitiesResponse> {
  const { pipeline } = registry;
  const manifests = pipeline.generations.map(({ plugin }) => plugin.manifest);
  const disabled = new Set(config.disabled_capabilities);
  const found: Capabilities = {
    capabilities: manifests.flatMap(({ provides }) => provides.filter((c) => !disabled.has(c))),
    features: Object.assign({}, ...manifests.map(({ features }) => features)),
  };
  const { capabilities, features } = annotated(found, pipeline.hooks, log);
  return {
    version: VERSION,
    os: platform() === 'win32' ? 'windows' : platform(),
    architecture: machine(),
    capabilities,
    features,
    buildTime: BUILD_TIME,
    buildCommit: BUILD_COMMIT,
    plugins: registry.list(),
    maxMessageBytes: config.max_message_bytes,
    maxChunkBytes: config.max_message_bytes - ENVELOPE_ROOM,
  };
}

/** Plugins may take away from what was found, and annotate it. */
function annotated(found: Capabilities, hooks: Hooks, log: Logger): Capabilities {
  if (!hooks.capabilities.isUsed()) return found;
  try {
    const { capabilities, features } = hooks.capabilities.call(found);
    const left = found.capabilities.filter((capability) => capabilities.includes(capability));
    return { capabilities: left, features };
  } catch (fault) {
    log.error(`a tap of capabilities threw: ${fault}`);
    return found;
  }
}
