import { AgentError } from '@limiquantix/agent-proto';
import type { HookName, Hooks } from './hooks.ts';

/** What tapable keeps of a tap. */
export interface Tap {
  readonly name: string;
  readonly stage?: number;
  readonly type: 'sync' | 'async' | 'promise';
  // biome-ignore lint/suspicious/noExplicitAny: taps of different hooks pass through
  fn: any;
}

interface AnyHook {
  readonly taps: readonly Tap[];
  tap(options: object, fn: unknown): void;
  tapAsync(options: object, fn: unknown): void;
  tapPromise(options: object, fn: unknown): void;
}

/** The hooks that a request passes, in their order. */
export const REQUEST_HOOKS: readonly HookName[] = [
  'authorize',
  'admit',
  'request',
  'response',
  'failure',
  'settled',
];

/** Adds the taps of one hook to the same hook elsewhere. */
export function copyTaps(from: Hooks, to: Hooks, name: HookName): void {
  const target = to[name] as unknown as AnyHook;
  for (const tap of (from[name] as unknown as AnyHook).taps) {
    const options =
      tap.stage === undefined ? { name: tap.name } : { name: tap.name, stage: tap.stage };
    if (tap.type === 'sync') target.tap(options, tap.fn);
    else if (tap.type === 'async') target.tapAsync(options, tap.fn);
    else target.tapPromise(options, tap.fn);
  }
}

/** Where a tap may be asynchronous, and then is waited for. */
const WAITING: readonly HookName[] = [
  'started',
  'stopping',
  'authorize',
  'admit',
  'request',
  'response',
  'freezing',
];

/**
 * Has taps that were added with `tap` by now fail where they return a promise. Nobody would wait for it,
 * and in a bail hook it would be an answer: the taps behind it, a policy perhaps, would have no say.
 */
export function requireSync(hooks: Hooks): void {
  for (const name of WAITING) {
    const { taps } = hooks[name] as unknown as AnyHook;
    for (const tap of taps) if (tap.type === 'sync') tap.fn = atOnce(name, tap);
  }
}

function atOnce(hook: HookName, { name, fn }: Tap): Tap['fn'] {
  return (...args: unknown[]) => {
    const result = fn(...args);
    if (typeof result?.then !== 'function') return result;
    result.then(undefined, () => undefined);
    throw new AgentError('INTERNAL_ERROR', {
      detail: `a tap of ${hook} by ${name} returned a promise`,
      resolution: 'Correct the plugin: add the tap with tapPromise',
    });
  };
}
