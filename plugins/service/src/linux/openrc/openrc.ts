import { type RunTool, ToolMissing, type ToolResult } from '@limiquantix/plugin-sdk/guest';
import { managerFailed, noServiceManager } from '../../errors.ts';
import type {
  Condition,
  Failure,
  Patience,
  Service,
  ServiceManager,
  ServiceState,
} from '../../manager.ts';
import { checkedName } from '../../name.ts';
import { AGENT } from '../own-units.ts';
import { readScript } from './init-script.ts';
import { mainProcess } from './main-process.ts';
import { parseRunlevels, parseStatus } from './status.ts';

const QUERY_MS = 20_000;
/** Where a service is put that shall start with the guest. */
const RUNLEVEL = 'default';

/** Services of a guest that OpenRC runs. */
export class OpenRc implements ServiceManager {
  readonly #run: RunTool;
  readonly #root: string;

  /** @param root of the guest's filesystem */
  constructor(run: RunTool, root: string) {
    this.#run = run;
    this.#root = root;
  }

  fullName(name: string): string {
    return checkedName(name);
  }

  isTemplate(): boolean {
    return false;
  }

  /** OpenRC has no unit files apart from the services: all are always listed. */
  async list({ signal }: { readonly signal: AbortSignal }): Promise<Service[]> {
    const [states, runlevels] = await Promise.all([this.#states(signal), this.#runlevels(signal)]);
    return [...states].map(([name, state]) => {
      const { displayName, description } = readScript(`${this.#root}/etc/init.d/${name}`);
      return {
        name,
        displayName: displayName || name,
        state,
        startType: runlevels.get(name)?.length ? 'auto' : 'disabled',
        description,
        pid: state === 'running' ? mainProcess(name, this.#root) : 0,
        memoryBytes: 0,
      };
    });
  }

  async condition(name: string, signal: AbortSignal): Promise<Condition | undefined> {
    const state = (await this.#states(signal)).get(name);
    if (state === undefined) return undefined;
    return { state, failing: state === 'failed', isAgents: name === AGENT };
  }

  async run(
    action: 'start' | 'stop' | 'restart',
    name: string,
    patience: Patience,
  ): Promise<Failure> {
    return failureOf(await this.#tool('rc-service', ['--', name, action], patience));
  }

  async enable(name: string, patience: Patience): Promise<Failure> {
    if ((await this.#runlevelsOf(name, patience.signal)).length > 0) return undefined;
    return failureOf(await this.#tool('rc-update', ['add', name, RUNLEVEL], patience));
  }

  async disable(name: string, patience: Patience): Promise<Failure> {
    const levels = await this.#runlevelsOf(name, patience.signal);
    if (levels.length === 0) return undefined;
    return failureOf(await this.#tool('rc-update', ['del', name, ...levels], patience));
  }

  /** OpenRC keeps no log of its own: what a script had to say is in the failure. */
  async explain(): Promise<string> {
    return '';
  }

  async #states(signal: AbortSignal): Promise<ReadonlyMap<string, ServiceState>> {
    return parseStatus(await this.#query('rc-status', ['--nocolor', '--servicelist'], signal));
  }

  async #runlevels(signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
    return parseRunlevels(await this.#query('rc-update', ['show', '--verbose'], signal));
  }

  async #runlevelsOf(name: string, signal: AbortSignal): Promise<readonly string[]> {
    return (await this.#runlevels(signal)).get(name) ?? [];
  }

  async #query(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
    const untilMs = performance.now() + QUERY_MS;
    const result = await this.#tool(program, args, { untilMs, signal });
    const failure = failureOf(result);
    // Its exit code may also be about the services that it lists.
    if (result.stdout === '' && failure !== undefined) throw managerFailed(program, failure);
    return result.stdout;
  }

  async #tool(
    program: string,
    args: readonly string[],
    { untilMs, signal }: Patience,
  ): Promise<ToolResult> {
    try {
      const timeoutMs = Math.max(1, untilMs - performance.now());
      return await this.#run(program, args, { timeoutMs, signal });
    } catch (thrown) {
      throw thrown instanceof ToolMissing ? noServiceManager() : thrown;
    }
  }
}

function failureOf({ exitCode, timedOut, stdout, stderr }: ToolResult): Failure {
  if (timedOut) return 'it was not done in time';
  if (exitCode === 0) return undefined;
  return `${stderr.trim()}\n${stdout.trim()}`.trim() || `exit code ${exitCode}`;
}
