import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** As many processes are looked at in one turn of the event loop: about 2 ms. */
const SLICE = 200;
/** Whoever still forks after so many rounds has lost nothing but the race. */
const MOST_ROUNDS = 10;

/**
 * Kills all that came of the leader of a session: the session, and the descendants of those
 * in it, which may be in sessions of their own. A daemon that has cut both ties lives on.
 *
 * They are stopped before any is killed: who dies hands its children to init, and then nobody
 * knows whose they were. Call it only while the leader was not waited for, or its number may
 * be another's.
 */
export async function killTree(leader: number): Promise<void> {
  const stopped = new Set<number>();
  signal(-leader, 'SIGSTOP');
  try {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const running = (await membersOf(leader)).filter((pid) => !stopped.has(pid));
      if (running.length === 0) break;
      for (const pid of running) {
        signal(pid, 'SIGSTOP');
        stopped.add(pid);
      }
    }
  } catch {
    // No descriptor is left to look with: then it is the group alone.
  }
  signal(-leader, 'SIGKILL');
  for (const pid of stopped) signal(pid, 'SIGKILL');
}

async function membersOf(leader: number): Promise<number[]> {
  const childrenOf = new Map<number, number[]>();
  const members: number[] = [];
  for (const { pid, ppid, session } of await processes()) {
    if (session === leader) members.push(pid);
    const siblings = childrenOf.get(ppid);
    if (siblings) siblings.push(pid);
    else childrenOf.set(ppid, [pid]);
  }
  const found = new Set(members);
  for (const pid of found) for (const child of childrenOf.get(pid) ?? []) found.add(child);
  return [...found];
}

interface Process {
  readonly pid: number;
  readonly ppid: number;
  readonly session: number;
}

async function processes(): Promise<Process[]> {
  const found: Process[] = [];
  let looked = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d/.test(name)) continue;
    if (++looked % SLICE === 0) await nextTurn();
    const process = read(Number(name));
    if (process) found.push(process);
  }
  return found;
}

/** Undefined where it has gone, or is hidden. */
function read(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Behind the name, which may hold anything: state, parent, group, session.
    const [, ppid, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 4);
    return { pid, ppid: Number(ppid), session: Number(session) };
  } catch {
    return undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Nobody is left there.
  }
}
