import type { Duplex } from 'node:stream';
import {
  AgentError,
  AgentReady,
  ErrorReport,
  ErrorSeverity,
  type GetCapabilitiesResponse,
  type Init,
  PluginStateChanged,
  Telemetry,
} from '@limiquantix/agent-proto';
import type { PluginContext } from '@limiquantix/plugin-sdk';
import { agentReadyEvent } from './agent-ready.ts';
import { capabilitiesOf } from './capabilities.ts';
import { KeptChannel } from './channel/keep-open.ts';
import type { Configuration } from './configuration.ts';
import { tapCore } from './core-taps.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { HealthMonitor } from './health.ts';
import type { Log } from './log.ts';
import { builtinHandlers } from './methods/builtin.ts';
import type { InstalledPlugin } from './plugin/discover.ts';
import { PluginRegistry } from './plugin/registry.ts';
import { ResumeWatch } from './resume.ts';
import { FreezeGate } from './security/freeze-gate.ts';
import { Limiter } from './security/limiter.ts';
import { RateLimit } from './security/rate-limit.ts';
import { errorEvent, Session } from './session/session.ts';
import { Sessions } from './session/sessions.ts';
import { VERSION } from './version.ts';

/** How long calls may take to end once the agent stops. */
const STOP_GRACE_MS = 400;

/** The agent's parts, put together; the one place that knows in which order they start and stop. */
export class Agent {
  #configuration: Configuration;
  readonly #log: Log;
  readonly #sessions = new Sessions();
  readonly #gate: FreezeGate;
  readonly #registry: PluginRegistry;
  readonly #dispatcher: Dispatcher;
  readonly #channel: KeptChannel;
  readonly #health: HealthMonitor;
  readonly #resume: ResumeWatch;
  #rate: RateLimit;
  #lastTelemetry: number | undefined;
  #stopping = false;

  constructor(configuration: Configuration, log: Log) {
    const { config, discovery } = configuration;
    this.#configuration = configuration;
    this.#log = log;
    this.#rate = new RateLimit(config.security);
    this.#gate = new FreezeGate({
      freezing: async () => {
        await this.#registry.pipeline.hooks.freezing.promise();
        await log.hold();
      },
      thawed: () => {
        log.release();
        try {
          this.#registry.pipeline.hooks.thawed.call();
        } catch (fault) {
          log.error(`a thawed tap threw: ${fault}`);
        }
      },
    });
    this.#registry = new PluginRegistry({
      discovery,
      enabled: (name) => wants(this.#configuration, name),
      context: (plugin) => this.#contextOf(plugin),
      coreTaps: (hooks) =>
        tapCore(hooks, {
          configuration: () => this.#configuration,
          gate: this.#gate,
          rate: () => this.#rate,
          log,
        }),
      log,
      onChange: (plugin) => this.#sessions.emit(PluginStateChanged, { plugin }),
    });
    this.#dispatcher = new Dispatcher({
      registry: this.#registry,
      limiter: new Limiter(),
      builtin: builtinHandlers({
        registry: this.#registry,
        capabilities: () => this.#capabilities(),
      }),
      log,
    });
    this.#channel = new KeptChannel({
      device: config.device_path,
      onPeer: (stream) => this.#connect(stream),
      log,
    });
    this.#health = new HealthMonitor({
      config: config.health,
      lastTelemetry: () => (this.#sessions.size > 0 ? this.#lastTelemetry : undefined),
      onAlert: (error) => this.#alert(error, ErrorSeverity.WARNING),
      onRecovered: () => log.info('the agent is healthy again'),
    });
    this.#resume = new ResumeWatch({ onJump: (ms) => this.#resumed(ms) });
  }

  async start(): Promise<void> {
    const { file, degraded } = this.#configuration;
    this.#log.info('agent starting', {
      version: VERSION,
      config: file ?? 'defaults',
      pid: process.pid,
    });
    if (degraded) this.#log.error(degraded.toString(), { profile: 'minimal' });
    await this.#registry.start();
    this.#health.start();
    this.#resume.start();
    await this.#channel.open();
  }

  /** Loads the plugins and says what they can do, without serving anybody. */
  async describe(): Promise<Init<GetCapabilitiesResponse>> {
    await this.#registry.load();
    return this.#capabilities();
  }

  /** Ends calls, plugins and connections, in that order. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#log.info('agent stopping', { in_flight: this.#dispatcher.inFlight });
    this.#health.stop();
    this.#resume.stop();
    await this.#gate.thaw().catch((error) => this.#log.error(`not thawed: ${error}`));
    const reason = new AgentError('CONNECTION_LOST', { detail: 'the agent stops' });
    this.#dispatcher.stop(reason);
    await until(() => this.#dispatcher.inFlight === 0, STOP_GRACE_MS);
    await this.#registry.stop().catch((error) => this.#log.warn(`a plugin did not stop: ${error}`));
    const flushed = [...this.#sessions].map((session) => session.outbox.flushed());
    await Promise.race([Promise.all(flushed), pause(100)]);
    await this.#channel.close();
    this.#log.info('agent stopped');
  }

  /** Takes over what of a new configuration can change while running; tells the rest. */
  async reconfigure(next: Configuration): Promise<void> {
    const before = this.#configuration;
    if (next.degraded) {
      this.#alert(next.degraded, ErrorSeverity.ERROR);
      this.#log.warn('the configuration stays as it was');
      return;
    }
    this.#configuration = next;
    this.#log.setLevel(next.config.log_level);
    this.#rate = new RateLimit(next.config.security);
    for (const { name } of next.discovery.plugins)
      await this.#reconfigurePlugin(name, before, next);
    const fixed = NEEDS_RESTART.filter((key) => before.config[key] !== next.config[key]);
    if (fixed.length > 0) this.#log.warn('restart the agent for these to count', { keys: fixed });
    this.#log.info('configuration read again');
  }

  async #reconfigurePlugin(
    name: string,
    before: Configuration,
    next: Configuration,
  ): Promise<void> {
    const changed =
      JSON.stringify(before.pluginSettings.get(name)) !==
      JSON.stringify(next.pluginSettings.get(name));
    try {
      if (!wants(next, name)) await this.#registry.disable(name);
      else if (!wants(before, name)) await this.#registry.enable(name);
      else if (changed) await this.#registry.reload(name);
    } catch (thrown) {
      this.#alert(AgentError.from(thrown), ErrorSeverity.ERROR);
    }
  }

  #contextOf(plugin: InstalledPlugin): PluginContext<unknown> {
    const { config, pluginSettings } = this.#configuration;
    return {
      name: plugin.name,
      version: plugin.version,
      config: pluginSettings.get(plugin.name) ?? {},
      log: this.#log.with({ plugin: plugin.name }),
      agent: {
        version: VERSION,
        maxMessageBytes: config.max_message_bytes,
        maxChunkBytes: config.max_chunk_size,
      },
      listening: () => this.#sessions.size > 0,
      emit: (event, message, sessionId) => {
        if (event.field === Telemetry.field) this.#lastTelemetry = performance.now();
        this.#sessions.emit(event, message, sessionId);
      },
      freezeGate: this.#gate,
    };
  }

  #capabilities(): Init<GetCapabilitiesResponse> {
    return capabilitiesOf(this.#registry, this.#configuration.config);
  }

  #connect(stream: Duplex): void {
    const { config } = this.#configuration;
    const session: Session = new Session({
      stream,
      framing: config.framing,
      maxMessageBytes: config.max_message_bytes,
      log: this.#log,
      onRequest: (request, from) => this.#dispatcher.dispatch(request, from),
      onEnd: (ended) => this.#sessions.remove(ended),
    });
    this.#log.info('host connected', { session: session.id });
    this.#sessions.add(session);
    this.#lastTelemetry ??= performance.now();
    this.#greet(session);
    this.#registry.pipeline.hooks.connected.call(session);
  }

  #greet(session: Session): void {
    const { degraded } = this.#configuration;
    const capabilities = this.#capabilities().capabilities ?? [];
    session.emit(AgentReady, agentReadyEvent({ sessionId: session.id, capabilities, degraded }));
    if (degraded) session.emit(ErrorReport, errorEvent(degraded, ErrorSeverity.CRITICAL));
  }

  #resumed(jumpMs: number): void {
    this.#log.info('the clock jumped: the guest was resumed, or its time was set', {
      jump_ms: jumpMs,
    });
    for (const session of this.#sessions) this.#greet(session);
  }

  #alert(error: AgentError, severity: number): void {
    this.#log.warn(error.toString(), { resolution: error.resolution });
    this.#sessions.emit(ErrorReport, errorEvent(error, severity));
  }
}

function wants({ config, degraded }: Configuration, name: string): boolean {
  // In the minimal profile only thaw is served: by the plugin that has it, if one does.
  if (degraded) return name === 'quiesce';
  return config.plugins[name]?.enabled ?? true;
}

const NEEDS_RESTART = [
  'device_path',
  'prefer_vsock',
  'framing',
  'max_message_bytes',
  'log_file',
  'log_format',
  'log_max_size_bytes',
  'log_max_files',
] as const;

async function until(done: () => boolean, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!done() && performance.now() < deadline) await pause(5);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
