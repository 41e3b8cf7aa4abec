import { isIP } from 'node:net';
import { Absent, type SyncOptions } from '../service.ts';
import type { Guest } from './guest.ts';
import { ifPossible, isInstalled, isOfTool, run, ToolFailed } from './tool.ts';

type Command = readonly [string, ...string[]];

/** Below this ntpdate slews; the other clients are told to do the same. */
const SLEW_LIMIT_MS = '500';

/**
 * ntpd cannot be told to measure, so one of its clients asks the server that ntpd follows,
 * and sets the clock.
 */
export async function syncWithNtpd(options: SyncOptions): Promise<number | undefined> {
  const { guest, force, waitMs, ntpServer, signal } = options;
  const clients = ['ntpdate', 'ntpdig', 'sntp'].filter((program) => isInstalled(program, guest));
  if (clients.length === 0) throw new Absent('none of ntpdate, ntpdig and sntp is installed');
  const server = (await followed(guest)) ?? ntpServer;
  const words: string[] = [];
  for (const client of clients) {
    try {
      const text = await run(command(client, server, force), guest, { timeoutMs: waitMs, signal });
      const offset = measuredOffset(text);
      if (offset !== undefined) return offset;
      words.push(`${client}: ${text.trim()}`);
    } catch (thrown) {
      if (!isOfTool(thrown)) throw thrown;
      words.push(thrown.message);
    }
  }
  throw new ToolFailed(words.join('; '));
}

function command(client: string, server: string, force: boolean): Command {
  if (client === 'ntpdate') return [client, '-u', ...(force ? ['-b'] : []), server];
  return [client, ...(force ? ['-S'] : ['-s', '-S', '-M', SLEW_LIMIT_MS]), server];
}

/** The address of the server that a running ntpd follows. */
async function followed(guest: Guest): Promise<string | undefined> {
  const system = await ifPossible(run(['ntpq', '-n', '-c', 'rv'], guest));
  const [, peer] = /\bpeer=([1-9]\d*)/.exec(system ?? '') ?? [];
  if (peer === undefined) return undefined;
  const variables = await ifPossible(run(['ntpq', '-n', '-c', `rv ${peer} srcadr`], guest));
  const [, address = ''] = /\bsrcadr=(\S+)/.exec(variables ?? '') ?? [];
  return isIP(address) ? address : undefined;
}

/**
 * @param text `... adjust time server 192.0.2.1 offset +0.000123 sec` of ntpdate, or
 *   `... +0.000123 +/- 0.000436 192.0.2.1 s3 no-leap` of ntpdig and sntp
 * @returns seconds
 */
export function measuredOffset(text: string): number | undefined {
  const found = /\boffset ([-+]?\d+\.\d+) sec/.exec(text) ?? /([-+]\d+\.\d+) \+\/- \d/.exec(text);
  return found ? Number(found[1]) : undefined;
}
