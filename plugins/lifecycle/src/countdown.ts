import { setTimeout as sleep } from 'node:timers/promises';
import { AgentError, type Call, type Logger } from '@limiquantix/plugin-sdk';
import { calledOff, stopping } from './errors.ts';
import type { PowerAction } from './power-action.ts';

/** What is to happen when the countdown ends. */
export interface Order {
  /** Who asked: its answer goes out first. */
  readonly call: Pick<Call, 'id' | 'afterSent'>;
  readonly action: PowerAction;
  readonly delayMs: number;
  readonly carryOut: () => Promise<void>;
}

export interface CountdownOptions {
  readonly log: Logger;
  /** The order was accepted, and nothing came of it. */
  readonly onFailure: (error: AgentError) => void;
}

/** From the guest's device to the host, once the answer was written. */
const GRACE_MS = 250;
/** A host that does not read its answer is not waited for longer. */
const ANSWER_LIMIT_MS = 5000;

interface Pending {
  readonly order: Order;
  /** On the monotonic clock. */
  readonly dueAt: number;
  readonly cancel: AbortController;
}

/** The way to the one shutdown that is due; a later order replaces an earlier one. */
export class Countdown {
  readonly #options: CountdownOptions;
  #pending: Pending | undefined;
  #frozen: PromiseWithResolvers<void> | undefined;
  #stopped = false;

  constructor(options: CountdownOptions) {
    this.#options = options;
  }

  /** @throws AgentError where the countdown was stopped for good */
  begin(order: Order): void {
    if (this.#stopped) throw stopping(order.action);
    const replaced = this.#take();
    const cancel = new AbortController();
    const dueAt = performance.now() + order.delayMs;
    this.#pending = { order, dueAt, cancel };
    this.#options.log.info(`${order.action} accepted`, {
      request_id: order.call.id,
      delay_seconds: order.delayMs / 1000,
      replaces: replaced && { request_id: replaced.order.call.id, action: replaced.order.action },
    });
    void this.#run(order, cancel.signal);
  }

  /** Forgets the order of a call that was told to have failed. */
  forget(call: Pick<Call, 'id'>): void {
    if (this.#pending?.order.call === call) this.#take();
  }

  /** While filesystems are frozen nothing is carried out. */
  freeze(): void {
    this.#frozen ??= Promise.withResolvers();
  }

  thaw(): void {
    this.#frozen?.resolve();
    this.#frozen = undefined;
  }

  /** Nobody carries out from now on what was accepted, and the host is told. */
  stop(): void {
    this.#stopped = true;
    const pending = this.#take();
    if (!pending) return;
    const { order, dueAt } = pending;
    this.#options.onFailure(calledOff(order.action, Math.max(0, dueAt - performance.now())));
  }

  #take(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.cancel.abort();
    return pending;
  }

  async #run(order: Order, signal: AbortSignal): Promise<void> {
    try {
      await this.#due(order, signal);
    } catch {
      // Cancelled: why, is told there.
      return;
    }
    if (this.#pending?.order !== order) return;
    this.#pending = undefined;
    const { log, onFailure } = this.#options;
    log.warn(`${order.action} begins`, { request_id: order.call.id });
    try {
      await order.carryOut();
    } catch (thrown) {
      onFailure(AgentError.from(thrown));
    }
  }

  async #due({ call, delayMs }: Order, signal: AbortSignal): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      call.afterSent(() => setTimeout(resolve, GRACE_MS));
    });
    await sleep(delayMs, undefined, { signal });
    await Promise.race([answered, sleep(ANSWER_LIMIT_MS, undefined, { signal })]);
    while (this.#frozen) await this.#frozen.promise;
  }
}
