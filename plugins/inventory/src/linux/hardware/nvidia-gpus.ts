import { type RunTool, runTool } from '@limiquantix/plugin-sdk/guest';
import type { Systeminformation } from 'systeminformation';

/** An adapter of NVIDIA, as its driver describes it. */
export interface NvidiaGpu {
  /** `01:00.0`, with or without the domain before it. */
  readonly pciAddress: string;
  readonly driverVersion: string;
  readonly vramBytes: number;
}

/** Asks the driver of NVIDIA, which tells the kernel nothing about the adapters' memory. */
export type AskNvidia = () => Promise<readonly NvidiaGpu[]>;

/** nvidia-smi wakes adapters that sleep, one after the other. */
const TIMEOUT_MS = 20_000;
/** Bytes; nvidia-smi writes no units, and means these. */
const MIB = 1024 * 1024;

const ASK = 'require(process.argv[1]).printGraphics()';

/**
 * The library `systeminformation` runs nvidia-smi and lspci and matches what they say. It
 * waits for them with the event loop held, for as long as they take, and finds them in its
 * own environment: so it runs in a process of its own, with a fixed environment and a
 * deadline, and is never loaded into the agent.
 * @throws Error where it does not answer
 */
export async function askNvidia(signal: AbortSignal, run: RunTool = runTool): Promise<NvidiaGpu[]> {
  const args = ['--no-warnings', '--disable-sigusr1', '--eval', ASK, '--', __filename];
  const answer = await run(process.execPath, args, { timeoutMs: TIMEOUT_MS, signal });
  if (answer.timedOut) throw new Error(`no answer in ${TIMEOUT_MS / 1000} s`);
  if (answer.exitCode !== 0) throw new Error(answer.stderr.slice(0, 500));
  const { controllers }: Systeminformation.GraphicsData = JSON.parse(answer.stdout);
  return controllers
    .filter(({ busAddress, memoryTotal }) => busAddress && memoryTotal)
    .map(({ busAddress = '', memoryTotal = 0, driverVersion = '' }) => ({
      pciAddress: busAddress,
      driverVersion,
      vramBytes: memoryTotal * MIB,
    }));
}

/** What that process runs: this module's, or that of the bundle that it is a part of. */
export async function printGraphics(): Promise<void> {
  const { graphics } = await import('systeminformation/lib/graphics.js');
  process.stdout.write(JSON.stringify(await graphics()));
}
