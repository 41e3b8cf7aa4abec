import { machine, platform } from 'node:os';
import type { GetCapabilitiesResponse, Init } from '@limiquantix/agent-proto';
import type { Capabilities } from '@limiquantix/plugin-sdk';
import type { Config } from './config/config.ts';
import type { PluginRegistry } from './plugin/registry.ts';
import { BUILD_COMMIT, BUILD_TIME, VERSION } from './version.ts';

/** Room for a message's other fields beside its chunk. */
const ENVELOPE_ROOM = 64 * 1024;

/** What this agent can do: what is enabled, fits this guest, and did not fail. */
export function capabilitiesOf(
  registry: PluginRegistry,
  config: Config,
): Init<GetCapabilitiesResponse> {
  const { pipeline } = registry;
  const manifests = pipeline.generations.map(({ plugin }) => plugin.manifest);
  const disabled = new Set(config.disabled_capabilities);
  const found: Capabilities = {
    capabilities: manifests.flatMap(({ provides }) => provides.filter((c) => !disabled.has(c))),
    features: Object.assign({}, ...manifests.map(({ features }) => features)),
  };
  const { capabilities, features } = pipeline.hooks.capabilities.call(found);
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
