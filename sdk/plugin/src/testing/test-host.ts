import {
  AgentError,
  type AnyEvent,
  type AnyMethod,
  type Init,
  type Method,
  PluginCall,
} from '@limiquantix/agent-proto';
import { decode, encode, requestCodec, responseCodec } from '@limiquantix/agent-proto/codec';
import { Ajv } from 'ajv';
import type { Call } from '../call.ts';
import { createHooks } from '../create-hooks.ts';
import type { Hooks } from '../hooks.ts';
import { MANIFEST_SCHEMA, type PluginPackage, pluginNameOf } from '../manifest.ts';
import type { Contribution, Plugin } from '../plugin.ts';
import { requireSync } from '../taps.ts';
import { type LogEntry, memoryLogger } from './memory-logger.ts';

export interface TestHostOptions {
  /** The plugin's package.json; its manifest is checked as the agent does. */
  readonly package: unknown;
  /** Its settings; the manifest's schema fills in the rest. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly maxMessageBytes?: number;
  readonly maxChunkBytes?: number;
}

export interface CallOptions {
  /** Aborted where the host cancels the call. */
  readonly signal?: AbortSignal;
}

/** Runs one plugin without an agent. */
export interface TestHost {
  /**
   * Calls a method through its codecs, as over the wire.
   * @throws AgentError as the handler threw it
   */
  call<Req, Res>(method: Method<Req, Res>, request: Init<Req>, options?: CallOptions): Promise<Res>;
  /**
   * Calls one of the plugin's own methods, as `plugin_call` does.
   * @throws AgentError as the method threw it
   */
  callMethod(name: string, payload: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  readonly hooks: Hooks;
  /** What the plugin emitted, oldest first. */
  readonly events: readonly { readonly event: AnyEvent; readonly message: unknown }[];
  readonly log: readonly LogEntry[];
  readonly contribution: Contribution;
  /** Runs `stopping` and the plugin's dispose. */
  stop(): Promise<void>;
}

/**
 * Activates a plugin and runs its `started` taps.
 * @throws AgentError where the manifest, the settings or the contribution are not right,
 *   or the plugin skips this guest
 */
export async function testHost<Config>(
  plugin: Plugin<Config>,
  options: TestHostOptions,
): Promise<TestHost> {
  const manifest = checked(MANIFEST_SCHEMA, options.package, 'package.json') as PluginPackage;
  const config = checked(manifest.limiquantix.config, options.config ?? {}, 'settings') as Config;
  const log = memoryLogger();
  const hooks = createHooks();
  const events: { event: AnyEvent; message: unknown }[] = [];
  const activated = await plugin.activate({
    name: pluginNameOf(manifest.name),
    version: manifest.version,
    config: Object.freeze(config),
    log,
    agent: {
      version: '0.0.0-test',
      maxMessageBytes: options.maxMessageBytes ?? 4 * 1024 * 1024,
      maxChunkBytes: options.maxChunkBytes ?? 65_536,
    },
    listening: () => true,
    emit: (event, message) => events.push({ event, message }),
    freezeGate: {
      close: () => hooks.freezing.promise(),
      open: () => hooks.thawed.call(),
    },
  });
  if ('skip' in activated) throw new AgentError('INTERNAL_ERROR', { detail: activated.skip });
  activated.tap?.(hooks);
  requireSync(hooks);
  await hooks.started.promise();
  let calls = 0;
  const callOf = (
    method: AnyMethod,
    bytes: Uint8Array<ArrayBuffer>,
    { signal = new AbortController().signal }: CallOptions,
    releases: (() => void)[] = [],
  ): Call => ({
    id: `test-${++calls}`,
    method,
    session: { id: 'test' },
    receivedAt: performance.now(),
    requestBytes: bytes.length,
    signal,
    afterSent: (release) => releases.push(release),
    releaseRequest: () => void bytes.buffer.transfer(0),
    cutShort: () => undefined,
    log,
  });

  return {
    hooks,
    events,
    log: log.entries,
    contribution: activated,
    async call(method, request, options = {}) {
      const handler = activated.handlers?.find((h) => h.method === method);
      if (!handler) throw new AgentError('UNKNOWN_MESSAGE_TYPE', { detail: method.name });
      const bytes = new Uint8Array(encode(requestCodec(method), request));
      const releases: (() => void)[] = [];
      const call = callOf(method, bytes, options, releases);
      const answer = await handler.handle(decode(requestCodec(method), bytes), call);
      const sent = encode(responseCodec(method), answer);
      for (const release of releases) release();
      return decode(responseCodec(method), sent);
    },
    async callMethod(name, payload, options = {}) {
      const method = activated.methods?.[name];
      if (!method) throw new AgentError('UNKNOWN_MESSAGE_TYPE', { detail: name });
      const bytes = new Uint8Array(payload);
      return method(bytes, callOf(PluginCall, bytes, options));
    },
    async stop() {
      await hooks.stopping.promise();
      await activated.dispose?.();
    },
  };
}

function checked(schema: object, value: unknown, what: string): unknown {
  const copy = structuredClone(value);
  const ajv = new Ajv({ useDefaults: true, allErrors: true, strictTypes: false });
  const validate = ajv.compile(schema);
  if (validate(copy)) return copy;
  throw new AgentError('CONFIG_INVALID', {
    detail: `${what}: ${ajv.errorsText(validate.errors, { dataVar: '' })}`,
  });
}
