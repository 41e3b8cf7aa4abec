import { AgentError } from '@limiquantix/agent-proto';
import { AccountFiles } from './accounts.ts';
import { boundSockets } from './desktop/bound-sockets.ts';
import { authorityFile, displayEnvironment, isOwn } from './desktop/environment.ts';
import { type LogindSession, readSessions } from './desktop/logind.ts';
import { namesIn } from './desktop/names-in.ts';
import { DESKTOP_PATHS, type DesktopPaths } from './desktop/paths.ts';
import {
  type DesktopProcess,
  desktopProcesses,
  type XServer,
  xServers,
} from './desktop/processes.ts';

export type DesktopType = 'x11' | 'wayland';

export interface DesktopUser {
  readonly uid: number;
  /** The primary group. */
  readonly gid: number;
  readonly name: string;
  readonly home: string;
}

/** The graphical session that somebody at the guest's console sees. */
export interface DesktopSession {
  /** logind's name of it; empty where logind does not know it as a graphical one. */
  readonly id: string;
  readonly type: DesktopType;
  /** What the desktop calls itself, such as `GNOME`; empty where it does not. */
  readonly desktop: string;
  /** As whom to run what is run in it. */
  readonly user: DesktopUser;
  /**
   * What leads a program to the display: DISPLAY, XAUTHORITY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR,
   * DBUS_SESSION_BUS_ADDRESS as far as there are such, and the user's HOME, USER and LOGNAME.
   */
  readonly environment: Readonly<Record<string, string>>;
}

/** What {@link findDesktopSession} does. */
export type FindDesktopSession = () => Promise<DesktopSession | undefined>;

/**
 * Finds the active graphical session without spawning anything: logind's, preferably of
 * seat0, the login screen's where nobody is logged in; else that of a display server which
 * the user at the console, or without logind anybody, has started by hand.
 */
export async function findDesktopSession(
  paths: Partial<DesktopPaths> = {},
): Promise<DesktopSession | undefined> {
  return new Search({ ...DESKTOP_PATHS, ...paths }).run();
}

/** For whom there is no session: NO_DISPLAY_SERVER. */
export function noDisplayServer(): AgentError {
  return new AgentError('NO_DISPLAY_SERVER', {
    detail: 'this guest has no active graphical session',
    context: 'Looked for sessions of logind, Wayland sockets in /run/user, X servers in /tmp',
    resolution: 'Log in at the graphical console, or start the display manager',
  });
}

type Variables = Record<string, string>;

class Search {
  readonly #paths: DesktopPaths;
  readonly #accounts: AccountFiles;

  constructor(paths: DesktopPaths) {
    this.#paths = paths;
    this.#accounts = new AccountFiles({ passwd: paths.passwd, group: '/etc/group' });
  }

  async run(): Promise<DesktopSession | undefined> {
    const sessions = await readSessions(this.#paths.logind);
    for (const session of byPreference(sessions ?? [])) {
      const found = await this.#ofLogind(session);
      if (found) return found;
    }
    // Started by hand from a text console (startx, sway), a session stays one of type tty.
    const atConsole = sessions?.filter((s) => s.active && !s.remote && s.seat !== '');
    const uids = atConsole && new Set(atConsole.map((s) => s.uid));
    const isMeant = (uid: number) => uids === undefined || uids.has(uid);
    return (await this.#ofWaylandSocket(isMeant)) ?? this.#ofXServer(isMeant);
  }

  async #ofLogind(session: LogindSession): Promise<DesktopSession | undefined> {
    const type = session.type as DesktopType;
    const { id, uid, desktop, userName } = session;
    let other: [DesktopProcess, Variables] | undefined;
    for await (const process of desktopProcesses(this.#paths.proc, uid)) {
      const nearness = nearnessOf(process, session);
      if (nearness === 'elsewhere' || (nearness === 'perhaps' && other)) continue;
      const variables = await displayEnvironment(process.environment, type, uid);
      if (variables === undefined) continue;
      if (nearness === 'inside') {
        return this.#session({ id, type, desktop, userName }, process, variables);
      }
      other = [process, variables];
    }
    if (other) return this.#session({ id, type, desktop, userName }, ...other);
    return this.#ofLogindDisplay(session);
  }

  /** A login screen may have no process that was told its display, apart from its X server. */
  async #ofLogindDisplay(session: LogindSession): Promise<DesktopSession | undefined> {
    const { id, uid, desktop, userName, display } = session;
    if (session.type !== 'x11' || display === '') return undefined;
    const server = (await xServers(this.#paths.proc)).get(display);
    const account = this.#accounts.userById(uid);
    const paths = [server?.authority ?? '', `${account?.home ?? ''}/.Xauthority`];
    const variables = await this.#xVariables(display, uid, paths);
    if (variables === undefined || account === undefined) return undefined;
    return this.#session({ id, type: 'x11', desktop, userName }, account, variables);
  }

  async #ofWaylandSocket(isMeant: (uid: number) => boolean): Promise<DesktopSession | undefined> {
    for (const name of await sortedNames(this.#paths.runtimeDirectories, /^\d{1,10}$/)) {
      const uid = Number(name);
      const directory = `${this.#paths.runtimeDirectories}/${name}`;
      if (!isMeant(uid) || !(await isOwn(directory, uid, 'directory'))) continue;
      for (const socket of await sortedNames(directory, /^wayland-\d{1,5}$/)) {
        const account = this.#accounts.userById(uid);
        const given = { XDG_RUNTIME_DIR: directory, WAYLAND_DISPLAY: socket };
        const variables = await displayEnvironment(new Map(Object.entries(given)), 'wayland', uid);
        if (!account || !variables) continue;
        const path = `${directory}/${socket}`;
        if (!(await boundSockets(this.#paths.proc, path)).has(path)) continue;
        const client = await this.#client('WAYLAND_DISPLAY', socket, uid);
        return this.#session(
          { id: '', type: 'wayland', desktop: '', userName: account.name },
          client?.[0] ?? account,
          client?.[1] ?? variables,
        );
      }
    }
    return undefined;
  }

  async #ofXServer(isMeant: (uid: number) => boolean): Promise<DesktopSession | undefined> {
    const sockets = await sortedNames(this.#paths.x11Sockets, /^X\d{1,5}$/);
    if (sockets.length === 0) return undefined;
    // A socket may outlive its server, which is then not worth a walk over all processes.
    const bound = await boundSockets(this.#paths.proc, '/tmp/.X11-unix/X');
    const names = sockets.filter((name) => bound.has(`/tmp/.X11-unix/${name}`));
    const servers = names.length === 0 ? undefined : await xServers(this.#paths.proc);
    for (const name of names) {
      const display = `:${name.slice(1)}`;
      const server = servers?.get(display);
      if (!server) continue;
      const found = await this.#ofXDisplay(display, server, isMeant);
      if (found) return found;
    }
    return undefined;
  }

  /** The server may be root's; who uses it is told by its clients. */
  async #ofXDisplay(
    display: string,
    server: XServer,
    isMeant: (uid: number) => boolean,
  ): Promise<DesktopSession | undefined> {
    const meta = { id: '', type: 'x11', desktop: '', userName: '' } as const;
    const client = await this.#client('DISPLAY', display, server.uid || undefined);
    if (client) return isMeant(client[0].uid) ? this.#session(meta, ...client) : undefined;
    const { uid } = server;
    const account = this.#accounts.userById(uid);
    if (!account || !isMeant(uid)) return undefined;
    const authorities = [server.authority, `${account.home}/.Xauthority`];
    const variables = await this.#xVariables(display, uid, authorities);
    return variables && this.#session(meta, account, variables);
  }

  /** A process with that display; of anybody but root where there is such. */
  async #client(
    variable: 'DISPLAY' | 'WAYLAND_DISPLAY',
    display: string,
    uid: number | undefined,
  ): Promise<[DesktopProcess, Variables] | undefined> {
    const type = variable === 'DISPLAY' ? 'x11' : 'wayland';
    let roots: [DesktopProcess, Variables] | undefined;
    for await (const process of desktopProcesses(this.#paths.proc, uid)) {
      if (process.environment.get(variable)?.replace(/\.\d+$/, '') !== display) continue;
      const variables = await displayEnvironment(process.environment, type, process.uid);
      if (variables === undefined) continue;
      if (process.uid !== 0 || uid === 0) return [process, variables];
      roots ??= [process, variables];
    }
    return roots;
  }

  async #xVariables(
    display: string,
    uid: number,
    authorities: readonly string[],
  ): Promise<Variables | undefined> {
    const usable = await Promise.all(authorities.map((path) => authorityFile(path, uid)));
    const XAUTHORITY = usable.find((path) => path !== undefined) ?? '';
    const given = { DISPLAY: display, XAUTHORITY };
    return displayEnvironment(new Map(Object.entries(given)), 'x11', uid);
  }

  #session(
    {
      id,
      type,
      desktop,
      userName,
    }: Pick<DesktopSession, 'id' | 'type' | 'desktop'> & {
      readonly userName: string;
    },
    owner: Pick<DesktopProcess, 'uid' | 'gid'> & Partial<DesktopProcess>,
    variables: Variables,
  ): DesktopSession {
    const { uid, gid, environment } = owner;
    // A user of a directory service is not in the file, but its processes know its home.
    const account = this.#accounts.userById(uid);
    const name = account?.name ?? (userName || (environment?.get('USER') ?? String(uid)));
    const told = environment?.get('HOME') ?? '/';
    const home = account?.home ?? (told.startsWith('/') ? told : '/');
    return {
      id,
      type,
      desktop: environment?.get('XDG_CURRENT_DESKTOP') ?? desktop,
      user: { uid, gid: account?.gid ?? gid, name, home },
      environment: { ...variables, HOME: home, USER: name, LOGNAME: name },
    };
  }
}

/** Active graphical sessions of this machine: those of seat0 first, users before login screens. */
function byPreference(sessions: readonly LogindSession[]): LogindSession[] {
  const rank = ({ seat, class: kind }: LogindSession) =>
    (seat === 'seat0' ? 0 : seat === '' ? 4 : 2) + (kind === 'greeter' ? 1 : 0);
  return sessions
    .filter(({ type }) => type === 'x11' || type === 'wayland')
    .filter(({ class: kind }) => /^(user|greeter)/.test(kind))
    .filter(({ active, remote }) => active && !remote)
    .sort((a, b) => rank(a) - rank(b));
}

/** Whether a process of a session's user belongs to the session. */
function nearnessOf(
  { cgroup, environment }: DesktopProcess,
  { id, scope }: LogindSession,
): 'inside' | 'perhaps' | 'elsewhere' {
  if (scope !== '' && cgroup.includes(`/${scope}`)) return 'inside';
  if (/\/session-[^/]+\.scope/.test(cgroup)) return 'elsewhere';
  // Started through the user's manager, as desktops start their programs nowadays.
  const told = environment.get('XDG_SESSION_ID');
  if (told === undefined) return 'perhaps';
  return told === id ? 'inside' : 'elsewhere';
}

async function sortedNames(directory: string, pattern: RegExp): Promise<string[]> {
  const names = await namesIn(directory);
  const numberOf = (name: string) => Number(name.replace(/\D/g, ''));
  return names.filter((name) => pattern.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
}
