import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Init,
  ServiceAction,
  type ServiceControlRequest,
  type ServiceControlResponse,
} from '@limiquantix/plugin-sdk';
import {
  actionUnknown,
  agentsOwn,
  alreadyRunning,
  isTemplate,
  notRunning,
  notStarted,
  notStopped,
  serviceNotFound,
} from './errors.ts';
import type { Condition, Failure, Patience, ServiceManager } from './manager.ts';

export interface ControlOptions {
  /** For the action, until the service is where it shall be. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A service that fails at once shall not be called running. */
const SETTLE_MS = 300;
const POLL_MS = 200;

/** A transient service is forgotten when it has stopped. */
const GONE: Condition = { state: 'stopped', failing: false, isAgents: false };

/**
 * Answers service_control: acts, and reads back what came of it.
 * @throws AgentError SERVICE_NOT_FOUND, SERVICE_ALREADY_RUNNING, SERVICE_NOT_RUNNING,
 *   SERVICE_START_FAILED, SERVICE_STOP_FAILED
 */
export async function controlService(
  { name, action }: ServiceControlRequest,
  manager: ServiceManager,
  { timeoutMs, signal }: ControlOptions,
): Promise<Init<ServiceControlResponse>> {
  const control = new Control(manager, manager.fullName(name), {
    untilMs: performance.now() + timeoutMs,
    signal,
  });
  return { newState: (await control.act(action)).state };
}

class Control {
  readonly #manager: ServiceManager;
  readonly #name: string;
  readonly #patience: Patience;

  constructor(manager: ServiceManager, name: string, patience: Patience) {
    this.#manager = manager;
    this.#name = name;
    this.#patience = patience;
  }

  act(action: number): Promise<Condition> {
    switch (action) {
      case ServiceAction.START:
        return this.#start();
      case ServiceAction.STOP:
        return this.#stop();
      case ServiceAction.RESTART:
        return this.#restart();
      case ServiceAction.ENABLE:
        return this.#enable();
      case ServiceAction.DISABLE:
        return this.#disable();
      case ServiceAction.STATUS:
        return this.#condition();
      default:
        throw actionUnknown(action);
    }
  }

  async #start(): Promise<Condition> {
    const { state } = await this.#instance();
    if (state === 'running') throw alreadyRunning(this.#name);
    return this.#started('start');
  }

  async #stop(): Promise<Condition> {
    const { state, isAgents } = await this.#instance();
    if (isAgents) throw agentsOwn(this.#name, 'stop');
    if (state === 'stopped' || state === 'failed') throw notRunning(this.#name);
    const failure = await this.#manager.run('stop', this.#name, this.#patience);
    const after = await this.#settled();
    if (failure === undefined && isDown(after)) return after;
    throw notStopped(this.#name, failure ?? `it is ${after.state}`, await this.#explain(failure));
  }

  async #restart(): Promise<Condition> {
    const { isAgents } = await this.#instance();
    if (isAgents) throw agentsOwn(this.#name, 'restart');
    return this.#started('restart');
  }

  async #enable(): Promise<Condition> {
    await this.#condition();
    const failure = await this.#manager.enable(this.#name, this.#patience);
    if (failure !== undefined) throw notStarted(this.#name, failure, failure);
    return this.#condition();
  }

  async #disable(): Promise<Condition> {
    const { isAgents } = await this.#condition();
    if (isAgents) throw agentsOwn(this.#name, 'disable');
    const failure = await this.#manager.disable(this.#name, this.#patience);
    if (failure !== undefined) throw notStopped(this.#name, failure, failure);
    return this.#condition();
  }

  async #started(action: 'start' | 'restart'): Promise<Condition> {
    const failure = await this.#manager.run(action, this.#name, this.#patience);
    await sleep(SETTLE_MS, undefined, { signal: this.#patience.signal });
    const after = await this.#settled();
    const why = failure ?? (after.failing || isMoving(after) ? `it is ${after.state}` : undefined);
    if (why === undefined) return after;
    throw notStarted(this.#name, why, await this.#explain(failure));
  }

  /** @throws AgentError where there is none, or it is many */
  async #instance(): Promise<Condition> {
    if (this.#manager.isTemplate(this.#name)) throw isTemplate(this.#name);
    return this.#condition();
  }

  async #condition(): Promise<Condition> {
    const found = await this.#manager.condition(this.#name, this.#patience.signal);
    if (!found) throw serviceNotFound(this.#name);
    return found;
  }

  /** As it is when it has arrived somewhere, or when nobody waits any longer. */
  async #settled(): Promise<Condition> {
    for (;;) {
      const { untilMs, signal } = this.#patience;
      const now = (await this.#manager.condition(this.#name, signal)) ?? GONE;
      if (!isMoving(now) || now.failing || performance.now() >= untilMs) return now;
      await sleep(POLL_MS, undefined, { signal });
    }
  }

  async #explain(failure: Failure): Promise<string> {
    const lines = await this.#manager.explain(this.#name, this.#patience.signal);
    return `${failure ?? ''}\n${lines}`;
  }
}

function isMoving({ state }: Condition): boolean {
  return state === 'starting' || state === 'stopping';
}

function isDown({ state }: Condition): boolean {
  return state === 'stopped' || state === 'failed';
}
