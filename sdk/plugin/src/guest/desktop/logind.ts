import { readFile } from 'node:fs/promises';
import { parseId } from '../accounts.ts';
import { namesIn } from './names-in.ts';

/** A session as logind (or elogind) wrote it down. */
export interface LogindSession {
  readonly id: string;
  readonly uid: number;
  readonly userName: string;
  /** `x11`, `wayland`, `tty`. */
  readonly type: string;
  /** `user`, `greeter`, `background`. */
  readonly class: string;
  /** `seat0`; empty for a session of the network. */
  readonly seat: string;
  /** In the foreground of its seat. */
  readonly active: boolean;
  readonly remote: boolean;
  /** `:0`; empty where the login program did not know it. */
  readonly display: string;
  /** `gnome`; empty where the login program did not say. */
  readonly desktop: string;
  /** The unit of its processes: `session-2.scope`. */
  readonly scope: string;
}

/**
 * @param directory `/run/systemd`: read instead of asking loginctl, which would be a
 *   process and a call over the bus each time
 * @returns undefined where no logind runs
 */
export async function readSessions(directory: string): Promise<LogindSession[] | undefined> {
  const [seats, sessions] = await Promise.all([
    namesIn(`${directory}/seats`),
    namesIn(`${directory}/sessions`),
  ]);
  // The folders are there even where no logind runs; one that runs knows a seat.
  if (seats.length === 0 && sessions.length === 0) return undefined;
  const all = await Promise.all(
    sessions.filter(isSessionId).map(async (id) => {
      const text = await readFile(`${directory}/sessions/${id}`, 'utf8').catch(() => '');
      return parseSession(id, text);
    }),
  );
  return all.filter((session) => session !== undefined);
}

/** @param text `KEY=value` lines */
export function parseSession(id: string, text: string): LogindSession | undefined {
  const fields = new Map<string, string>();
  for (const [, key, value] of text.matchAll(/^([A-Z_]+)=(.*)$/gm)) {
    fields.set(key as string, value as string);
  }
  const field = (key: string) => fields.get(key) ?? '';
  const uid = parseId(fields.get('UID'));
  if (uid === undefined || field('STATE') === 'closing') return undefined;
  return {
    id,
    uid,
    userName: field('USER'),
    type: field('TYPE'),
    class: field('CLASS'),
    seat: field('SEAT'),
    active: field('ACTIVE') === '1',
    remote: field('REMOTE') === '1',
    display: field('DISPLAY'),
    desktop: field('DESKTOP'),
    scope: field('SCOPE'),
  };
}

/** Beside each session lies a FIFO, `2.ref`. */
function isSessionId(name: string): boolean {
  return /^[A-Za-z0-9]{1,64}$/.test(name);
}
