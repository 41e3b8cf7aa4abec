/** Where the guest's state is read. */
export interface DesktopPaths {
  readonly logind: string;
  readonly proc: string;
  readonly x11Sockets: string;
  readonly runtimeDirectories: string;
  readonly passwd: string;
}

export const DESKTOP_PATHS: DesktopPaths = {
  logind: '/run/systemd',
  proc: '/proc',
  x11Sockets: '/tmp/.X11-unix',
  runtimeDirectories: '/run/user',
  passwd: '/etc/passwd',
};
