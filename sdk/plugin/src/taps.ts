import type { HookName, Hooks } from './hooks.ts';

/** What tapable keeps of a tap. */
export interface Tap {
  readonly name: string;
  readonly stage?: number;
  readonly type: 'sync' | 'async' | 'promise';
  // biome-ignore lint/suspicious/noExplicitAny: taps of different hooks pass through
  readonly fn: any;
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
