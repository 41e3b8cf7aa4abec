import { type Backend, type BackendOptions, ClipboardUnavailable } from './backend.ts';
import { globalsOf } from './wayland/globals.ts';
import { WaylandClipboard } from './wayland/wayland-clipboard.ts';
import { X11Clipboard } from './x11/x11-clipboard.ts';

/** With one of these a program reaches the clipboard without having a window in front. */
const DATA_CONTROL = ['zwlr_data_control_manager_v1', 'ext_data_control_manager_v1'];

/**
 * @param env of a process in the session
 * @throws ClipboardUnavailable
 */
export async function openBackend(
  env: NodeJS.ProcessEnv,
  options: BackendOptions,
): Promise<Backend> {
  const { WAYLAND_DISPLAY, XDG_RUNTIME_DIR, DISPLAY, XAUTHORITY, HOME } = env;
  if (WAYLAND_DISPLAY !== undefined) {
    const path = `${XDG_RUNTIME_DIR}/${WAYLAND_DISPLAY}`;
    const globals = await globalsOf(path).catch((cause: Error) => {
      const resolution = 'Check that the compositor of the session runs';
      throw new ClipboardUnavailable(`the Wayland compositor: ${cause.message}`, resolution);
    });
    if (DATA_CONTROL.some((name) => globals.has(name))) return WaylandClipboard.open(options);
    // GNOME has none, but keeps the clipboard of its X server the same as its own.
  }
  if (DISPLAY !== undefined) {
    return X11Clipboard.open(DISPLAY, XAUTHORITY ?? `${HOME}/.Xauthority`, options);
  }
  throw new ClipboardUnavailable(
    'the Wayland compositor offers no data-control protocol and has no X server',
    'Enable Xwayland in it, or use a compositor with wlr-data-control or ext-data-control',
  );
}
