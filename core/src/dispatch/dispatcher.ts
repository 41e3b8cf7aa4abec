import { AgentError, type AnyMethod, type Init } from '@limiquantix/agent-proto';
import { decode, requestCodec } from '@limiquantix/agent-proto/codec';
import type { Handler } from '@limiquantix/plugin-sdk';
import type { Log } from '../log/log.ts';
import type { Generation } from '../plugin/generation.ts';
import type { Pipeline } from '../plugin/pipeline.ts';
import type { PluginRegistry } from '../plugin/registry.ts';
import type { Limiter } from '../security/limiter.ts';
import type { Request, Session } from '../session/session.ts';
import { IncomingCall } from './incoming-call.ts';
import { type GivenAnswer, Replays } from './replays.ts';
import { proceed, type Steps } from './steps.ts';

export interface DispatcherOptions {
  readonly registry: PluginRegistry;
  readonly limiter: Limiter;
  /** Methods that the core answers itself, by name. */
  readonly builtin: ReadonlyMap<string, Handler>;
  readonly log: Log;
}

/** No plugin answers: then the answer cannot have the request's own type. */
class Unanswered extends Error {
  readonly error: AgentError;
  constructor(error: AgentError) {
    super(error.message);
    this.error = error;
  }
}

/** The request path: every request gets exactly one answer, whatever happens on the way. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #calls = new Set<IncomingCall>();
  readonly #replays = new Replays();
  #stopping: AgentError | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  get inFlight(): number {
    return this.#calls.size;
  }

  /** Serves a request; its answer goes to the session. */
  dispatch(request: Request, session: Session): void {
    const call = new IncomingCall(request, session, this.#options.log);
    if (this.#stopping) call.cancel(this.#stopping);
    const { pipeline } = this.#options.registry;
    const generation = pipeline.routes.get(call.method.name);
    pipeline.calls.enter();
    generation?.calls.enter();
    if (proceed(this.#conclude(call, pipeline, generation)) === undefined) return;
    // Only who waits can be looked for: to be cancelled, or because another has the same id.
    this.#calls.add(call);
    session.entered(call);
  }

  /** Tells every call to come to its end; from now on none begins that can be refused. */
  stop(reason: AgentError): void {
    this.#stopping = reason;
    for (const call of this.#calls) call.cancel(reason);
  }

  /** From a call's beginning to its end, whatever becomes of it. */
  *#conclude(call: IncomingCall, pipeline: Pipeline, generation: Generation | undefined): Steps {
    let error: AgentError | undefined;
    try {
      yield* this.#serve(call, pipeline, generation);
      error = call.error;
    } catch (thrown) {
      this.#replays.forget(call);
      error = this.#fail(call, thrown, pipeline);
      call.onSent?.();
    }
    if (this.#calls.delete(call)) call.session.left(call);
    if (generation) {
      generation.calls.leave();
      this.#options.registry.count(generation, error !== undefined);
    }
    this.#settle(call, error, pipeline);
    pipeline.calls.leave();
  }

  /** Whatever a tap returns as a denial is one. Only promises are yielded: that takes its time. */
  *#serve(call: IncomingCall, pipeline: Pipeline, generation: Generation | undefined): Steps {
    const hooks = pipeline.requestHooksOf(call.method);
    let denial: unknown = hooks.authorize(call);
    if (denial instanceof Promise) denial = yield denial;
    if (denial !== undefined) throw denial;
    const place = this.#place(call);
    if (place) {
      call.detach();
      yield place;
    }
    try {
      let handler = this.#handler(call, generation);
      if (handler instanceof Promise) handler = (yield handler) as Handler;
      call.begin();
      const payload = call.takePayload();
      let request = decoded(call.method, payload);
      denial = hooks.admit(request, call);
      if (denial instanceof Promise) denial = yield denial;
      if (denial !== undefined) throw denial;
      const before = this.#begin(call, payload);
      if (before) return answerAgain(call, before);
      request = hooks.request(request, call);
      if (request instanceof Promise) request = yield request;
      let response: unknown = handler.handle(request, call);
      if (isThenable(response)) response = yield Promise.resolve(response);
      response = hooks.response(succeeded(call.method, response as object | undefined), call);
      if (response instanceof Promise) response = yield response;
      const bytes = call.session.answer(call.id, call.method, response as Init<unknown>, call);
      this.#replays.end(call, { response: response as object, error: call.error }, bytes);
    } finally {
      this.#options.limiter.release(call.method.limit);
    }
  }

  #begin(call: IncomingCall, payload: Uint8Array): GivenAnswer | undefined {
    try {
      return this.#replays.begin(call, payload);
    } catch (refused) {
      throw new Unanswered(AgentError.from(refused));
    }
  }

  /** Takes a place, at once where one is free and the host reads what it asks for. */
  #place(call: IncomingCall): Promise<void> | undefined {
    const { limit } = call.method;
    if (limit === 'none') return undefined;
    const turn = this.#options.limiter.acquire(limit, call.requestBytes, () => call.signal);
    return turn || call.session.outbox.full ? this.#waitForPlace(call, turn) : undefined;
  }

  async #waitForPlace(call: IncomingCall, turn: Promise<void> | undefined): Promise<void> {
    const { limiter } = this.#options;
    const { limit } = call.method;
    await turn;
    while (call.session.outbox.full) {
      // A host that does not read must not hold the places of those that do.
      limiter.release(limit);
      await Promise.race([call.session.outbox.roomy(), call.aborted()]);
      await limiter.acquire(limit, call.requestBytes, () => call.signal);
    }
  }

  #handler(call: IncomingCall, generation: Generation | undefined): Handler | Promise<Handler> {
    const { builtin, registry } = this.#options;
    const { name } = call.method;
    const own = builtin.get(name);
    if (own) return own;
    if (!generation) throw new Unanswered(this.#absent(call.method));
    // Generation checked its handlers against its manifest, which the route came from.
    if (generation.active) return generation.active.handlers.get(name) as Handler;
    return registry.activate(generation).then(({ handlers }) => handlers.get(name) as Handler);
  }

  #absent(method: AnyMethod): AgentError {
    const why = this.#options.registry.whyAbsent(method.name);
    if (!why)
      return new AgentError('UNKNOWN_MESSAGE_TYPE', { detail: `no plugin answers ${method.name}` });
    const resolution =
      'Enable the plugin: in agent.yaml, or with plugin_control where a host disabled it';
    return new AgentError('UNKNOWN_MESSAGE_TYPE', { detail: `${method.name}: ${why}`, resolution });
  }

  /** @returns what was answered */
  #fail(call: IncomingCall, thrown: unknown, { hooks }: Pipeline): AgentError {
    const unanswered = thrown instanceof Unanswered;
    let error = unanswered ? thrown.error : agentErrorOf(thrown);
    try {
      if (hooks.failure.isUsed()) error = AgentError.from(hooks.failure.call(error, call));
    } catch (fault) {
      this.#options.log.error(`a failure tap threw: ${fault}`);
    }
    if (error.name === 'INTERNAL_ERROR') call.log.error(error.message, { cause: stackOf(error) });
    const form = unanswered ? 'event' : call.method.failure;
    try {
      if (form === 'event') call.session.refuse(call.id, error);
      else {
        const response = { ...FAILURE[form], error: error.toString() };
        call.session.answer(call.id, call.method, response, { error });
      }
    } catch (fault) {
      // The failure's own text is too long or no text: the answer must come all the same.
      const { message, resolution } = AgentError.from(fault);
      call.session.refuse(call.id, new AgentError('ENCODING_ERROR', { context: message }));
      call.log.error(`a failure could not be sent: ${message}`, { resolution });
    }
    return error;
  }

  #settle(call: IncomingCall, error: AgentError | undefined, { hooks }: Pipeline): void {
    const { log } = this.#options;
    const durationMs = performance.now() - call.receivedAt;
    try {
      hooks.settled.call(call, { error, durationMs });
    } catch (fault) {
      log.error(`a settled tap threw: ${fault}`);
    }
  }
}

/** A request that was carried out already gets the same answer, and nothing is done. */
function answerAgain(call: IncomingCall, { response, error }: GivenAnswer): void {
  call.error = error;
  call.session.answer(call.id, call.method, response as Init<unknown>, call);
  call.log.info('answered again, not done again');
}

/** `success` is what the reference's responses say first; a handler that returns says yes. */
function succeeded({ failure }: AnyMethod, response: object | undefined): object {
  switch (failure) {
    case 'success':
      return { success: true, ...response };
    case 'accepted':
      return { accepted: true, ...response };
    default:
      return response ?? {};
  }
}

const FAILURE = {
  success: { success: false },
  accepted: { accepted: false },
  exit_code: { exitCode: -1 },
} as const;

/** Of whatever make: as an answer it would be a success. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/** Also of what cannot even be turned into text. */
function agentErrorOf(thrown: unknown): AgentError {
  try {
    return AgentError.from(thrown);
  } catch {
    return new AgentError('INTERNAL_ERROR', { detail: 'something without a text was thrown' });
  }
}

function decoded(method: AnyMethod, payload: Uint8Array): unknown {
  try {
    return decode(requestCodec(method), payload);
  } catch (cause) {
    const detail = `${method.name}: ${(cause as Error).message}`;
    throw new Unanswered(new AgentError('INVALID_MESSAGE', { detail, cause }));
  }
}

function stackOf(error: AgentError): string | undefined {
  const { cause } = error;
  return cause instanceof Error ? cause.stack : error.stack;
}
