// Every failure that this plugin answers with, besides NO_DISPLAY_SERVER.
import { AgentError, ErrorReason } from '@limiquantix/plugin-sdk';
import type { Size } from './output.ts';

export const MAX_PIXELS = 16_384;
export const MAX_DPI = 960;

export function sizeOutOfRange(width: number, height: number): AgentError {
  return new AgentError('RESOLUTION_NOT_SUPPORTED', {
    detail: `${width}x${height}`,
    context: `width and height are 1 to ${MAX_PIXELS} pixels`,
    resolution: 'Send the size of the window in pixels',
  });
}

export function dpiOutOfRange(dpi: number): AgentError {
  return new AgentError('RESOLUTION_NOT_SUPPORTED', {
    detail: `${dpi} dpi`,
    context: `dpi is 1 to ${MAX_DPI}, or 0 to leave it to the display server`,
    resolution: 'Send 96 for an ordinary screen, or 0',
  });
}

export function sizeRefused({ width, height }: Size, minimum: Size, maximum: Size): AgentError {
  return new AgentError('RESOLUTION_NOT_SUPPORTED', {
    detail: `${width}x${height}: the display server takes ${text(minimum)} to ${text(maximum)}`,
    resolution: "Ask for a smaller size, or give the virtual machine's video card more memory",
  });
}

/** @param complaint of the kernel */
export function cardRefused({ width, height }: Size, complaint: string): AgentError {
  return new AgentError('RESOLUTION_NOT_SUPPORTED', {
    detail: `${width}x${height}: the virtual video card does not show it`,
    context: `the former size is back; the kernel: ${complaint}`,
    resolution: 'Ask for a smaller size, or allow the card more memory (max_hostmem of virtio-gpu)',
  });
}

export function displayNotFound(displayId: string, names: readonly string[]): AgentError {
  return new AgentError('DISPLAY_NOT_FOUND', {
    detail: JSON.stringify(displayId.slice(0, 100)),
    context: names.length === 0 ? 'no display is connected' : `displays: ${names.join(', ')}`,
    resolution: 'Use one of these as display_id, or leave it empty for the primary one',
  });
}

/** @param context the tool's own words */
export function resizeFailed(detail: string, context: string, cause?: unknown): AgentError {
  return new AgentError('DISPLAY_RESIZE_FAILED', {
    detail,
    context: context.trim().slice(0, 1000),
    cause,
  });
}

/** GNOME, KDE and others let nobody but themselves set a mode. */
export function compositorHasNoProtocol(desktop: string): AgentError {
  return new AgentError('DISPLAY_RESIZE_FAILED', {
    detail: `${desktop || 'this Wayland compositor'} lets no other program set the resolution`,
    context: 'It takes wlr-output-management, which GNOME and KDE Plasma do not have on Wayland',
    resolution:
      'Change the size that the virtual video card reports, which these desktops follow by themselves; or log in to an X11 session',
    reason: ErrorReason.UNSUPPORTED,
  });
}

export function toolMissing(program: string, cause: unknown): AgentError {
  const wayland = program === 'wlr-randr';
  return new AgentError('XRANDR_NOT_FOUND', {
    detail: `${program} is not installed in this guest`,
    resolution: wayland
      ? 'Install the package wlr-randr'
      : 'Install xrandr: the package x11-xserver-utils (Debian, Ubuntu), xrandr (Fedora, Alpine) or xorg-xrandr (Arch)',
    cause,
  });
}

function text({ width, height }: Size): string {
  return `${width}x${height}`;
}
