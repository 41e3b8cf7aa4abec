import { type RunTool, ToolMissing, type ToolResult } from '@limiquantix/plugin-sdk/guest';
import { managerFailed, nameInvalid, noServiceManager } from '../../errors.ts';
import type { Condition, Failure, Patience, Service, ServiceManager } from '../../manager.ts';
import { checkedName } from '../../name.ts';
import { ownUnits } from '../own-units.ts';
import {
  isFailing,
  isMissing,
  PROPERTIES,
  parseShow,
  serviceOf,
  startTypeOf,
  stateOf,
  type Unit,
} from './show.ts';
import { isTemplateName, parseUnitFiles, type UnitFile, unloadedService } from './unit-files.ts';

/** Of questions, which systemd answers at once unless it hangs. */
const QUERY_MS = 20_000;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;
const MAX_NAME = 255;

/** What `enable` leaves where a unit cannot be enabled, though it says that it succeeded. */
const NEVER_ENABLED = new Set(['static', 'masked', 'masked-runtime', 'disabled', 'generated', '']);
/** And `disable` where something else goes on starting it. */
const NEVER_DISABLED = new Set(['enabled', 'enabled-runtime', 'static', 'generated']);

/** Services of a guest that systemd runs, from version 219 on. */
export class Systemd implements ServiceManager {
  readonly #run: RunTool;

  constructor(run: RunTool) {
    this.#run = run;
  }

  fullName(name: string): string {
    const full = checkedName(name).endsWith('.service') ? name : `${name}.service`;
    if (full.length > MAX_NAME || full.startsWith('@')) throw nameInvalid(name);
    return full;
  }

  isTemplate(name: string): boolean {
    return isTemplateName(name);
  }

  async list({
    installed,
    signal,
  }: {
    readonly installed: boolean;
    readonly signal: AbortSignal;
  }): Promise<Service[]> {
    const [units, files] = await Promise.all([
      this.#show('*.service', signal),
      installed ? this.#unitFiles(signal) : [],
    ]);
    const loaded = units.filter((unit) => !isMissing(unit));
    // A unit file may also be another name of a loaded unit.
    const names = new Set(loaded.flatMap((unit) => unit.get('Names')?.split(' ') ?? []));
    const others = files.filter(({ name, state }) => state !== 'alias' && !names.has(name));
    return [...loaded.map(serviceOf), ...others.map(unloadedService)];
  }

  async condition(name: string, signal: AbortSignal): Promise<Condition | undefined> {
    if (isTemplateName(name)) return this.#templateCondition(name, signal);
    const [unit] = await this.#show(name, signal);
    if (!unit || isMissing(unit)) return undefined;
    const own = ownUnits();
    return {
      state: stateOf(unit),
      failing: isFailing(unit),
      isAgents: (unit.get('Names') ?? name).split(' ').some((alias) => own.has(alias)),
    };
  }

  async run(
    action: 'start' | 'stop' | 'restart',
    name: string,
    patience: Patience,
  ): Promise<Failure> {
    const result = await this.#systemctl([action, '--', name], patience);
    if (result.timedOut) return `systemd is not done with it in time, and goes on: ${action}`;
    return result.exitCode === 0 ? undefined : wordsOf(result);
  }

  async enable(name: string, patience: Patience): Promise<Failure> {
    const result = await this.#systemctl(['enable', '--', name], patience);
    if (result.exitCode !== 0) return wordsOf(result);
    const word = await this.#isEnabled(name, patience.signal);
    return NEVER_ENABLED.has(word) ? `it is ${word || 'unknown'} and stays so` : undefined;
  }

  async disable(name: string, patience: Patience): Promise<Failure> {
    const result = await this.#systemctl(['disable', '--', name], patience);
    if (result.exitCode !== 0) return wordsOf(result);
    const word = await this.#isEnabled(name, patience.signal);
    return NEVER_DISABLED.has(word) ? `it is ${word} and stays so` : undefined;
  }

  async explain(name: string, signal: AbortSignal): Promise<string> {
    const args = ['status', '--full', '--lines=5', '--', name];
    return (await this.#systemctl(args, soon(signal))).stdout;
  }

  async #templateCondition(name: string, signal: AbortSignal): Promise<Condition | undefined> {
    const exists = startTypeOf(await this.#isEnabled(name, signal)) !== '';
    return exists ? { state: 'stopped', failing: false, isAgents: false } : undefined;
  }

  /** Empty where there is no such unit file. */
  async #isEnabled(name: string, signal: AbortSignal): Promise<string> {
    return (await this.#systemctl(['is-enabled', '--', name], soon(signal))).stdout.trim();
  }

  /** @param pattern a name, or what finds the names of loaded units */
  async #show(pattern: string, signal: AbortSignal): Promise<Unit[]> {
    // --all: units that are not active too, and properties that are empty.
    const args = ['show', '--all', `--property=${PROPERTIES}`, '--', pattern];
    return parseShow(succeeded(args, await this.#systemctl(args, soon(signal))).stdout);
  }

  async #unitFiles(signal: AbortSignal): Promise<UnitFile[]> {
    const args = ['list-unit-files', '--type=service', '--no-legend', '--full'];
    return parseUnitFiles(succeeded(args, await this.#systemctl(args, soon(signal))).stdout);
  }

  async #systemctl(args: readonly string[], { untilMs, signal }: Patience): Promise<ToolResult> {
    try {
      return await this.#run('systemctl', ['--no-pager', '--no-ask-password', ...args], {
        timeoutMs: Math.max(1, untilMs - performance.now()),
        maxOutputBytes: MAX_OUTPUT_BYTES,
        signal,
      });
    } catch (thrown) {
      throw thrown instanceof ToolMissing ? noServiceManager() : thrown;
    }
  }
}

function soon(signal: AbortSignal): Patience {
  return { untilMs: performance.now() + QUERY_MS, signal };
}

function succeeded(args: readonly string[], result: ToolResult): ToolResult {
  if (result.exitCode === 0) return result;
  throw managerFailed(`systemctl ${args[0]}`, wordsOf(result));
}

function wordsOf({ stdout, stderr, exitCode }: ToolResult): string {
  return stderr.trim() || stdout.trim() || `exit code ${exitCode}`;
}
