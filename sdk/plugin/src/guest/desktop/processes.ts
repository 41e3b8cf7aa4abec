import { open, stat } from 'node:fs/promises';
import { namesIn } from './names-in.ts';

/** A process that may know where its display is. */
export interface DesktopProcess {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Of its start; its owner chose it. */
  readonly environment: ReadonlyMap<string, string>;
  /** The text of its cgroup file. */
  readonly cgroup: string;
}

/** What is read of one file: a process can make its environment and arguments large. */
const MAX_BYTES = 128 * 1024;
const CHUNK_BYTES = 8 * 1024;
/** A guest with more processes than this has its desktop among the first. */
const MAX_PROCESSES = 8192;

/**
 * The processes of a user, in the order of their numbers.
 * @param proc `/proc`
 * @param uid undefined: everybody's
 */
export async function* desktopProcesses(
  proc: string,
  uid: number | undefined,
): AsyncGenerator<DesktopProcess> {
  for (const pid of await processIds(proc)) {
    const directory = `${proc}/${pid}`;
    const owner = await stat(directory).catch(() => undefined);
    if (owner === undefined || (uid !== undefined && owner.uid !== uid)) continue;
    const environment = variables(await readStart(`${directory}/environ`));
    if (environment.size === 0) continue;
    const cgroup = await readStart(`${directory}/cgroup`);
    yield { pid, uid: owner.uid, gid: owner.gid, environment, cgroup };
  }
}

/** An X server that runs. */
export interface XServer {
  readonly uid: number;
  readonly gid: number;
  /** The file of its `-auth` argument; empty where it has none. */
  readonly authority: string;
}

const X_SERVER = /\/?(X|Xorg|Xvfb|Xnest|Xephyr|Xvnc|Xtigervnc|Xtightvnc)$/;

/** @returns the X servers by their displays: `:0` */
export async function xServers(proc: string): Promise<Map<string, XServer>> {
  const servers = new Map<string, XServer>();
  for (const pid of await processIds(proc)) {
    const args = (await readStart(`${proc}/${pid}/cmdline`)).split('\0');
    if (!X_SERVER.test(args[0] ?? '')) continue;
    const owner = await stat(`${proc}/${pid}`).catch(() => undefined);
    const display = args.find((arg) => /^:\d+$/.test(arg)) ?? ':0';
    const auth = args.indexOf('-auth');
    const authority = auth === -1 ? '' : (args[auth + 1] ?? '');
    if (owner) servers.set(display, { uid: owner.uid, gid: owner.gid, authority });
  }
  return servers;
}

async function processIds(proc: string): Promise<number[]> {
  const names = await namesIn(proc);
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
    .slice(0, MAX_PROCESSES);
}

function variables(text: string): Map<string, string> {
  const result = new Map<string, string>();
  for (const entry of text.split('\0')) {
    const equals = entry.indexOf('=');
    if (equals > 0) result.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  return result;
}

/** Empty where it cannot be read, as when the process ended meanwhile. */
async function readStart(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const chunks: Buffer[] = [];
    for (let room = MAX_BYTES; room > 0; ) {
      const chunk = Buffer.allocUnsafe(Math.min(room, CHUNK_BYTES));
      const { bytesRead } = await file.read(chunk);
      if (bytesRead === 0) break;
      chunks.push(chunk.subarray(0, bytesRead));
      room -= bytesRead;
    }
    return Buffer.concat(chunks).toString();
  } catch {
    return '';
  } finally {
    await file.close();
  }
}
