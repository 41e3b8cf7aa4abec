import type { AgentError } from '@limiquantix/agent-proto';
import { SyncBailHook, SyncWaterfallHook } from 'tapable';
import type { Call } from './call.ts';
import type { Hooks } from './hooks.ts';
import type { Tap } from './taps.ts';

/** The hooks of a request's way, as they are called: a promise only where a tap is asynchronous. */
export interface RequestHooks {
  readonly authorize: (call: Call) => Denial | Promise<Denial>;
  readonly admit: (request: unknown, call: Call) => Denial | Promise<Denial>;
  readonly request: (request: unknown, call: Call) => unknown;
  readonly response: (response: unknown, call: Call) => unknown;
}

type Denial = AgentError | undefined;

interface AsyncHook<Args extends unknown[], Result> {
  readonly taps: readonly Tap[];
  promise(...args: Args): Promise<Result>;
}

interface SyncHook<Args extends unknown[], Result> {
  tap(options: Tap, fn: Tap['fn']): void;
  call(...args: Args): Result;
}

/** Of the taps as they are now: to be made when all have been added. */
export function requestHooks({ authorize, admit, request, response }: Hooks): RequestHooks {
  const waterfall = () => new SyncWaterfallHook<[unknown, Call], unknown>(['message', 'call']);
  return {
    authorize: asSoonAsPossible(authorize, new SyncBailHook<[Call], Denial>(['call'])),
    admit: asSoonAsPossible(admit, new SyncBailHook<[unknown, Call], Denial>(['request', 'call'])),
    request: asSoonAsPossible(request, waterfall()),
    response: asSoonAsPossible(response, waterfall()),
  };
}

/** Runs the taps through the synchronous hook of the same kind, where all of them are. */
function asSoonAsPossible<Args extends unknown[], Result>(
  hook: AsyncHook<Args, Result>,
  atOnce: SyncHook<Args, Result>,
): (...args: Args) => Result | Promise<Result> {
  if (hook.taps.some(({ type }) => type !== 'sync')) return (...args) => hook.promise(...args);
  for (const tap of hook.taps) atOnce.tap(tap, tap.fn);
  return (...args) => atOnce.call(...args);
}
