import { type ChildProcess, spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSession } from '../src/guest/desktop/logind.ts';
import type { DesktopPaths } from '../src/guest/desktop/paths.ts';
import { findDesktopSession, noDisplayServer } from '../src/guest/desktop-session.ts';

const isRoot = process.getuid?.() === 0;
const ALICE = 1000;

/** In the form in which logind of systemd 252 writes a GNOME session under gdm. */
const GNOME = `# This is private data. Do not parse.
UID=1000
USER=alice
ACTIVE=1
IS_DISPLAY=1
STATE=active
REMOTE=0
TYPE=wayland
ORIGINAL_TYPE=wayland
CLASS=user
SCOPE=session-2.scope
FIFO=/run/systemd/sessions/2.ref
SEAT=seat0
TTY=tty2
TTY_VALIDITY=from-pam
SERVICE=gdm-password
VTNR=2
POSITION=0
LEADER=1234
AUDIT=2
REALTIME=1732284000000000
MONOTONIC=30000000
`;
const with_ = (text: string, changes: Record<string, string>) =>
  Object.entries(changes).reduce(
    (now, [key, value]) => `${now.replace(new RegExp(`^${key}=.*\n`, 'm'), '')}${key}=${value}\n`,
    text,
  );

let root: string;
let paths: DesktopPaths;
let servers: Server[];
let children: ChildProcess[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lqx-session-'));
  paths = {
    logind: join(root, 'systemd'),
    proc: join(root, 'proc'),
    x11Sockets: join(root, 'X11-unix'),
    runtimeDirectories: join(root, 'user'),
    passwd: join(root, 'passwd'),
  };
  for (const folder of ['systemd/seats', 'systemd/sessions', 'proc/net', 'X11-unix', 'user']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(
    paths.passwd,
    'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/sh\ngdm:x:110:118::/var/lib/gdm3:/bin/false\n',
  );
  servers = [];
  children = [];
});

afterEach(() => {
  for (const server of servers) server.close();
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

const find = () => findDesktopSession(paths);
const session = (id: string, text: string) => {
  writeFileSync(join(paths.logind, 'seats/seat0'), 'IS_SEAT0=1\n');
  writeFileSync(join(paths.logind, 'sessions', id), text);
};

interface Fake {
  readonly uid: number;
  readonly env?: Record<string, string>;
  readonly cgroup?: string;
  readonly args?: readonly string[];
}

function fakeProcess(pid: number, { uid, env = {}, cgroup = '/', args = ['app'] }: Fake): void {
  const folder = join(paths.proc, String(pid));
  mkdirSync(folder);
  const environ = Object.entries(env).map(([name, value]) => `${name}=${value}\0`);
  writeFileSync(join(folder, 'environ'), environ.join(''));
  writeFileSync(join(folder, 'cgroup'), `0::${cgroup}\n`);
  writeFileSync(join(folder, 'cmdline'), args.map((arg) => `${arg}\0`).join(''));
  chownSync(folder, uid, uid);
}

/** A folder of the user with a socket of that name in it. */
async function runtimeDirectory(uid: number, socket: string): Promise<string> {
  const folder = join(paths.runtimeDirectories, String(uid));
  mkdirSync(folder, { recursive: true });
  await listen(join(folder, socket), uid);
  chownSync(folder, uid, uid);
  return folder;
}

async function listen(path: string, uid: number): Promise<void> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  chownSync(path, uid, uid);
}

function bound(...names: string[]): void {
  const rows = names.map(
    (name) => `0000000000000000: 00000002 00000000 00010000 0001 01 1 ${name}\n`,
  );
  writeFileSync(
    join(paths.proc, 'net/unix'),
    `Num       RefCount Protocol Flags    Type St Inode Path\n${rows.join('')}`,
  );
}

describe.skipIf(!isRoot)('a session of logind (needs root, to make files of other users)', () => {
  it('is found with what its processes know', async () => {
    session('2', GNOME);
    const folder = await runtimeDirectory(ALICE, 'wayland-0');
    const authority = join(folder, '.mutter-Xwaylandauth.X');
    writeFileSync(authority, '');
    chownSync(authority, ALICE, ALICE);
    fakeProcess(900, { uid: 0, env: { WAYLAND_DISPLAY: 'wayland-0' } });
    fakeProcess(1500, {
      uid: ALICE,
      cgroup: '/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome.scope',
      env: {
        XDG_RUNTIME_DIR: folder,
        WAYLAND_DISPLAY: 'wayland-0',
        DISPLAY: ':0',
        XAUTHORITY: authority,
        DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus',
        XDG_CURRENT_DESKTOP: 'GNOME',
        LD_PRELOAD: '/home/alice/evil.so',
      },
    });
    expect(await find()).toEqual({
      id: '2',
      type: 'wayland',
      desktop: 'GNOME',
      user: { uid: ALICE, gid: 1000, name: 'alice', home: '/home/alice' },
      environment: {
        XDG_RUNTIME_DIR: folder,
        WAYLAND_DISPLAY: 'wayland-0',
        DISPLAY: ':0',
        XAUTHORITY: authority,
        DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus',
        HOME: '/home/alice',
        USER: 'alice',
        LOGNAME: 'alice',
      },
    });
  });

  it('is not taken for another one of the same user', async () => {
    session('2', with_(GNOME, { TYPE: 'x11' }));
    fakeProcess(700, { uid: ALICE, cgroup: '/user.slice/session-5.scope', env: { DISPLAY: ':5' } });
    fakeProcess(710, { uid: ALICE, env: { DISPLAY: ':6', XDG_SESSION_ID: '5' } });
    fakeProcess(720, {
      uid: ALICE,
      cgroup: '/user.slice/user@1000.service/x',
      env: { DISPLAY: ':7' },
    });
    fakeProcess(730, { uid: ALICE, cgroup: '/user.slice/session-2.scope', env: { DISPLAY: ':8' } });
    expect((await find())?.environment.DISPLAY).toBe(':8');
  });

  it('is that of a user before that of the login screen, and of seat0 before others', async () => {
    const x11 = with_(GNOME, { TYPE: 'x11' });
    session('1', with_(x11, { SEAT: 'seat1', SCOPE: 'session-1.scope' }));
    session(
      'c1',
      with_(x11, { UID: '110', USER: 'gdm', CLASS: 'greeter', SCOPE: 'session-c1.scope' }),
    );
    session('2', x11);
    fakeProcess(100, { uid: ALICE, cgroup: '/session-1.scope', env: { DISPLAY: ':1' } });
    fakeProcess(200, { uid: 110, cgroup: '/session-c1.scope', env: { DISPLAY: ':9' } });
    fakeProcess(300, { uid: ALICE, cgroup: '/session-2.scope', env: { DISPLAY: ':2' } });
    expect((await find())?.id).toBe('2');
    session('2', with_(x11, { ACTIVE: '0' }));
    expect(await find()).toMatchObject({ id: 'c1', user: { uid: 110, name: 'gdm' } });
    session('c1', with_(x11, { STATE: 'closing' }));
    expect((await find())?.id).toBe('1');
  });

  it('is none that is remote, in the background or of text', async () => {
    fakeProcess(300, { uid: ALICE, cgroup: '/session-2.scope', env: { DISPLAY: ':2' } });
    for (const changes of [
      { REMOTE: '1' },
      { CLASS: 'background' },
      { TYPE: 'tty' },
      { ACTIVE: '0' },
    ]) {
      session(
        '2',
        with_(with_(GNOME, { TYPE: 'x11' }), changes as unknown as Record<string, string>),
      );
      expect(await find()).toBeUndefined();
    }
  });

  it('of a login screen without processes is found by its X server', async () => {
    const authority = join(root, 'auth');
    writeFileSync(authority, '');
    session('c1', with_(GNOME, { TYPE: 'x11', UID: '110', CLASS: 'greeter', DISPLAY: ':0' }));
    fakeProcess(50, {
      uid: 0,
      args: ['/usr/lib/xorg/Xorg', ':0', '-seat', 'seat0', '-auth', authority],
    });
    expect((await find())?.environment).toMatchObject({ DISPLAY: ':0', XAUTHORITY: authority });
  });

  it('believes nothing of a process that cannot be right', async () => {
    session('2', with_(GNOME, { TYPE: 'x11' }));
    const folder = await runtimeDirectory(ALICE, 'wayland-0');
    const [others, link, mine] = ['others', 'link', 'mine'].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(others, '');
    chownSync(others, 110, 110);
    writeFileSync(mine, '');
    chownSync(mine, ALICE, ALICE);
    symlinkSync(mine, link);
    let pid = 10;
    const environmentWith = async (env: Record<string, string>) => {
      pid += 1;
      fakeProcess(pid, { uid: ALICE, cgroup: '/session-2.scope', env });
      const found = await find();
      rmSync(join(paths.proc, String(pid)), { recursive: true });
      return found?.environment;
    };
    for (const DISPLAY of ['localhost:10.0', ':0;id', '--help', ':', '', ':0\n']) {
      expect(await environmentWith({ DISPLAY })).toBeUndefined();
    }
    for (const XAUTHORITY of [others, link, '/nowhere', 'relative', folder]) {
      const found = await environmentWith({ DISPLAY: ':0', XAUTHORITY });
      expect(found).toMatchObject({ DISPLAY: ':0' });
      expect(found).not.toHaveProperty('XAUTHORITY');
    }
    expect(await environmentWith({ DISPLAY: ':0', XAUTHORITY: mine })).toMatchObject({
      XAUTHORITY: mine,
    });
    const wayland = { DISPLAY: ':0', XDG_RUNTIME_DIR: folder };
    for (const WAYLAND_DISPLAY of ['../wayland-0', `${folder}/wayland-0`, 'nothing', '']) {
      expect(await environmentWith({ ...wayland, WAYLAND_DISPLAY })).not.toHaveProperty(
        'WAYLAND_DISPLAY',
      );
    }
    expect(await environmentWith({ ...wayland, XDG_RUNTIME_DIR: root })).not.toHaveProperty(
      'XDG_RUNTIME_DIR',
    );
    expect(
      await environmentWith({ DISPLAY: ':0', DBUS_SESSION_BUS_ADDRESS: 'tcp:host=evil' }),
    ).not.toHaveProperty('DBUS_SESSION_BUS_ADDRESS');
  });

  it('of text is where startx and sway are found, and no others', async () => {
    session('3', with_(GNOME, { TYPE: 'tty' }));
    writeFileSync(join(paths.x11Sockets, 'X1'), '');
    writeFileSync(join(paths.x11Sockets, 'X4'), '');
    bound('/tmp/.X11-unix/X1', '@/tmp/.X11-unix/X4');
    fakeProcess(60, { uid: 110, args: ['Xvfb', ':1'] });
    expect(await find()).toBeUndefined();
    fakeProcess(61, { uid: ALICE, args: ['/usr/lib/xorg/Xorg', ':4'] });
    expect(await find()).toMatchObject({ id: '', type: 'x11', environment: { DISPLAY: ':4' } });
    const folder = await runtimeDirectory(ALICE, 'wayland-1');
    expect((await find())?.type).toBe('x11');
    bound(join(folder, 'wayland-1'));
    expect(await find()).toMatchObject({
      type: 'wayland',
      environment: { WAYLAND_DISPLAY: 'wayland-1' },
    });
  });
});

describe.skipIf(!isRoot)('a display server without logind (needs root)', () => {
  it('of root belongs to the user of its clients', async () => {
    writeFileSync(join(paths.x11Sockets, 'X0'), '');
    bound('/tmp/.X11-unix/X0');
    fakeProcess(60, { uid: 0, args: ['/usr/lib/xorg/Xorg', ':0', '-auth', '/root/auth'] });
    expect(await find()).toMatchObject({ user: { uid: 0 }, environment: { DISPLAY: ':0' } });
    fakeProcess(61, { uid: 0, env: { DISPLAY: ':0' } });
    fakeProcess(62, { uid: ALICE, env: { DISPLAY: ':0.0', HOME: '/home/alice' } });
    expect(await find()).toMatchObject({ user: { uid: ALICE, name: 'alice' } });
  });

  it('that has gone and left its socket is none', async () => {
    writeFileSync(join(paths.x11Sockets, 'X0'), '');
    bound();
    expect(await find()).toBeUndefined();
    fakeProcess(60, { uid: 0, args: ['Xorg', ':0'] });
    expect(await find()).toBeUndefined();
  });

  it.skipIf(!existsSync('/usr/bin/Xvfb')).each([0, 61_185])(
    'is found where it really runs, of user %i (needs Xvfb)',
    async (uid) => {
      writeFileSync(
        paths.passwd,
        `root:x:0:0::/root:/bin/sh\ntester:x:${uid}:${uid}::${root}:/bin/sh\n`,
      );
      const authority = join(root, 'authority');
      writeFileSync(authority, '');
      for (const path of [root, authority]) chownSync(path, uid, uid);
      // The number that it chooses is not on its command line.
      const number = 200 + 2 * (process.pid % 20_000) + (uid === 0 ? 0 : 1);
      const args = [`:${number}`, '-auth', authority, '-nolisten', 'tcp', '-displayfd', '3'];
      const server = spawn('Xvfb', args, {
        uid,
        gid: uid,
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      });
      children.push(server);
      await new Promise((resolve) => (server.stdio[3] as Readable).once('data', resolve));
      writeFileSync(join(paths.x11Sockets, `X${number}`), '');
      expect(await findDesktopSession({ ...paths, proc: '/proc' })).toMatchObject({
        type: 'x11',
        user: { uid, gid: uid },
        environment: { DISPLAY: `:${number}`, XAUTHORITY: authority },
      });
    },
  );
});

it('is none on a guest without a desktop', async () => {
  expect(await find()).toBeUndefined();
  rmSync(root, { recursive: true });
  expect(await find()).toBeUndefined();
  expect(noDisplayServer()).toMatchObject({ code: 6007 });
});

it('reads any text as a session or as none', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => GNOME + text),
      ),
      (text) => {
        const parsed = parseSession('1', text);
        if (parsed) expect(parsed.uid).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});
