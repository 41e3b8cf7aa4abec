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
import { KeptChannel } from './channel/keep-open.ts';
import { devicesOf } from './channel/open.ts';
import { type Configuration, settingsFor } from './config/configuration.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import type { Log } from './log/log.ts';
import { agentReadyEvent } from './methods/agent-ready.ts';
import { builtinHandlers } from './methods/builtin.ts';
import { capabilitiesOf } from './methods/capabilities.ts';
import { type InstalledPlugin, tellBroken } from './plugin/discover.ts';
import { differ, isWanted, reconfigurePlugins } from './plugin/reconfigure.ts';
import { PluginRegistry } from './plugin/registry.ts';
import { tapCore } from './security/core-taps.ts';
import { FreezeGate } from './security/freeze-gate.ts';
import { Limiter } from './security/limiter.ts';
import { RateLimit } from './security/rate-limit.ts';
import { errorEvent } from './session/errors.ts';
import { Session } from './session/session.ts';
import { Sessions } from './session/sessions.ts';
import { pause, until } from './until.ts';
import { VERSION } from './version.ts';
import { HealthMonitor, type TelemetryState } from './watch/health.ts';
import { ResumeWatch } from './watch/resume.ts';

/** How long calls may take to end once the agent stops. */
const STOP_GRACE_MS = 400;

/** How long a freeze waits for file operations: one on a disk that hangs must not prevent it. */
const FILES_GRACE_MS = 2000;

/** The agent's parts, put together; the one place that knows in which order they start and stop. */
export class Agent {
  #configuration: Configuration;
  readonly #log: Log;
  readonly #sessions = new Sessions();
  readonly #gate: FreezeGate;
  readonly #limiter = new Limiter();
  readonly #registry: PluginRegistry;
  readonly #dispatcher: Dispatcher;
  readonly #channel: KeptChannel;
  readonly #health: HealthMonitor;
  readonly #resume: ResumeWatch;
  #rate: RateLimit;
  /** Since when telemetry is due: monotonic milliseconds. */
  #lastTelemetry = 0;
  #stopped: Promise<void> | undefined;

  constructor(configuration: Configuration, log: Log) {
    const { config, discovery } = configuration;
    this.#configuration = configuration;
    this.#log = log;
    this.#rate = new RateLimit(config.security);
    this.#gate = new FreezeGate({
      freezing: () => this.#stopWriting(),
      thawed: () => {
        // None was sent while the filesystems were frozen.
        this.#lastTelemetry = performance.now();
        log.release();
        this.#tell('thawed', () => this.#registry.pipeline.hooks.thawed.call());
      },
    });
    this.#registry = new PluginRegistry({
      discovery,
      enabled: (name) => isWanted(name, this.#configuration),
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
      limiter: this.#limiter,
      builtin: builtinHandlers({
        registry: this.#registry,
        capabilities: () => this.#capabilities(),
        greet: (session) => this.#introduce(session),
      }),
      log,
    });
    this.#channel = new KeptChannel({
      devices: devicesOf(config),
      allowLocalVsock: config.vsock_allow_local,
      onPeer: (stream) => this.#connect(stream),
      log,
    });
    this.#health = new HealthMonitor({
      config: config.health,
      telemetry: () => this.#telemetry(),
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
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#log.info('agent stopping', { in_flight: this.#dispatcher.inFlight });
    this.#health.stop();
    this.#resume.stop();
    await this.#gate.thaw().catch((error) => this.#log.error(`not thawed: ${error}`));
    const reason = new AgentError('CONNECTION_LOST', { detail: 'the agent stops' });
    this.#dispatcher.stop(reason);
    await until(() => this.#dispatcher.inFlight === 0, STOP_GRACE_MS);
    await this.#registry.stop();
    const flushed = [...this.#sessions].map((session) => session.outbox.flushed());
    await Promise.race([Promise.all(flushed), pause(100)]);
    await this.#channel.close();
    this.#log.info('agent stopped');
  }

  /** For a freeze; the gate lets no further file operation in. */
  async #stopWriting(): Promise<void> {
    const atRest = () => !this.#gate.frozen || this.#limiter.running('file') === 0;
    await until(atRest, FILES_GRACE_MS);
    if (!atRest()) this.#log.warn('freezing beside file operations that do not end');
    await this.#registry.pipeline.hooks.freezing.promise();
    if (this.#gate.frozen) await this.#log.hold();
  }

  /** Takes over what of a new configuration can change while running; tells the rest. */
  async reconfigure(next: Configuration): Promise<void> {
    const before = this.#configuration;
    if (next.degraded) {
      this.#alert(next.degraded, ErrorSeverity.ERROR);
      this.#log.warn('the configuration stays as it was');
      return;
    }
    // What only a restart changes stays the same for all: sessions, plugins, capabilities.
    const fixed = Object.fromEntries(NEEDS_RESTART.map((key) => [key, before.config[key]]));
    this.#configuration = { ...next, config: { ...next.config, ...fixed } };
    this.#log.setLevel(next.config.log_level);
    this.#rate = new RateLimit(next.config.security);
    tellBroken(next.discovery, this.#log);
    await reconfigurePlugins(this.#registry, { before, next }, (error) =>
      this.#alert(error, ErrorSeverity.ERROR),
    );
    const keys = NEEDS_RESTART.filter((key) => differ(before.config[key], next.config[key]));
    if (keys.length > 0) this.#log.warn('restart the agent for these to count', { keys });
    this.#log.info('configuration read again');
  }

  async #contextOf(plugin: InstalledPlugin): Promise<PluginContext<unknown>> {
    const current = () => this.#configuration.config;
    return {
      name: plugin.name,
      version: plugin.version,
      config: await settingsFor(plugin, this.#configuration),
      log: this.#log.with({ plugin: plugin.name }),
      agent: {
        version: VERSION,
        maxMessageBytes: current().max_message_bytes,
        get maxChunkBytes() {
          return current().max_chunk_size;
        },
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
    return capabilitiesOf(this.#registry, this.#configuration.config, this.#log);
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
    // Nothing is sent to nobody: telemetry is late only from now on.
    if (this.#sessions.size === 0) this.#lastTelemetry = performance.now();
    this.#sessions.add(session);
    this.#introduce(session);
  }

  /** To a host that is new on its session. */
  #introduce(session: Session): void {
    this.#greet(session);
    // What plugins begin with a host does not hold up the greeting.
    setImmediate(() => {
      if (!this.#sessions.has(session)) return;
      this.#tell('connected', () => this.#registry.pipeline.hooks.connected.call(session));
      void this.#registry.hostConnected();
    });
  }

  #telemetry(): TelemetryState | undefined {
    if (this.#sessions.size === 0 || this.#gate.frozen) return undefined;
    const { generations } = this.#registry.pipeline;
    const source = generations.find((g) => g.plugin.manifest.provides.includes('telemetry'));
    if (!source) return undefined;
    const { config, pluginSettings } = this.#configuration;
    const own = pluginSettings.get(source.plugin.name)?.interval_secs;
    const intervalSecs = typeof own === 'number' ? own : config.telemetry_interval_secs;
    return { sentAt: this.#lastTelemetry, intervalSecs };
  }

  /** A tap that throws must not take the agent, or a session, with it. */
  #tell(hook: string, call: () => void): void {
    try {
      call();
    } catch (fault) {
      this.#log.error(`a tap of ${hook} threw: ${fault}`);
    }
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

const NEEDS_RESTART = [
  'device_path',
  'prefer_vsock',
  'vsock_allow_local',
  'framing',
  'max_message_bytes',
  'log_file',
  'log_format',
  'log_max_size_bytes',
  'log_max_files',
  'health',
] as const;
