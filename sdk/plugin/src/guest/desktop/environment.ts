import { lstat } from 'node:fs/promises';
import type { DesktopType } from '../desktop-session.ts';

const DISPLAY = /^:\d{1,5}(\.\d{1,3})?$/;
const PLAIN_NAME = /^[A-Za-z0-9._-]{1,100}$/;
const BUS_ADDRESS = /^unix:(path|abstract)=[\w/.,:=%+-]{1,400}$/;

/**
 * Of a process' environment what leads to its display, as far as it can be believed: the
 * process' owner wrote it.
 * @returns undefined where it leads to no display of that type
 */
export async function displayEnvironment(
  variables: ReadonlyMap<string, string>,
  type: DesktopType,
  uid: number,
): Promise<Record<string, string> | undefined> {
  const value = (name: string) => variables.get(name) ?? '';
  const found: Record<string, string> = {};
  if (await isOwn(value('XDG_RUNTIME_DIR'), uid, 'directory')) {
    found.XDG_RUNTIME_DIR = value('XDG_RUNTIME_DIR');
  }
  const wayland = value('WAYLAND_DISPLAY');
  if (
    found.XDG_RUNTIME_DIR !== undefined &&
    PLAIN_NAME.test(wayland) &&
    (await isOwn(`${found.XDG_RUNTIME_DIR}/${wayland}`, uid, 'socket'))
  ) {
    found.WAYLAND_DISPLAY = wayland;
  }
  if (DISPLAY.test(value('DISPLAY'))) {
    found.DISPLAY = value('DISPLAY');
    const authority = await authorityFile(value('XAUTHORITY'), uid);
    if (authority !== undefined) found.XAUTHORITY = authority;
  }
  if (BUS_ADDRESS.test(value('DBUS_SESSION_BUS_ADDRESS'))) {
    found.DBUS_SESSION_BUS_ADDRESS = value('DBUS_SESSION_BUS_ADDRESS');
  }
  const display = type === 'x11' ? found.DISPLAY : found.WAYLAND_DISPLAY;
  return display === undefined ? undefined : found;
}

/** @returns the path where it is a file of the user or of root */
export async function authorityFile(path: string, uid: number): Promise<string | undefined> {
  const usable = (await isOwn(path, uid, 'file')) || (await isOwn(path, 0, 'file'));
  return usable ? path : undefined;
}

/** Links are not followed: whoever made one would choose what it leads to. */
export async function isOwn(
  path: string,
  uid: number,
  kind: 'file' | 'directory' | 'socket',
): Promise<boolean> {
  if (!/^\/[^\0\n]{0,1000}$/.test(path)) return false;
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || found.uid !== uid) return false;
  if (kind === 'file') return found.isFile();
  return kind === 'directory' ? found.isDirectory() : found.isSocket();
}
