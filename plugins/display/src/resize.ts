import { setTimeout as sleep } from 'node:timers/promises';
import type { DisplayResizeRequest, DisplayResizeResponse, Init } from '@limiquantix/plugin-sdk';
import {
  type DesktopSession,
  type FindDesktopSession,
  noDisplayServer,
} from '@limiquantix/plugin-sdk/guest';
import {
  cardRefused,
  compositorHasNoProtocol,
  displayNotFound,
  dpiOutOfRange,
  MAX_DPI,
  MAX_PIXELS,
  sizeOutOfRange,
} from './errors.ts';
import { Latest } from './latest.ts';
import { CardComplaints } from './linux/card-complaints.ts';
import type { Screen } from './linux/screen.ts';
import { sessionTool } from './linux/session-tool.ts';
import { WaylandScreen } from './linux/wayland-screen.ts';
import { X11Screen } from './linux/x11-screen.ts';
import { chooseOutput, type Size } from './output.ts';

/** After ten complaints of the card the kernel keeps further ones to itself for so long. */
const KERNEL_SILENT_MS = 5000;

/** Answers display_resize. */
export class Resizer {
  readonly #findSession: FindDesktopSession;
  readonly #kernelLog: string;
  #refusedAt = Number.NEGATIVE_INFINITY;
  readonly #latest = new Latest((request: DisplayResizeRequest) => this.#resize(request));

  /** @param kernelLog as /dev/kmsg */
  constructor(findSession: FindDesktopSession, kernelLog: string) {
    this.#findSession = findSession;
    this.#kernelLog = kernelLog;
  }

  /** @throws AgentError */
  async resize(request: DisplayResizeRequest): Promise<Init<DisplayResizeResponse>> {
    const { width, height, dpi, displayId } = request;
    if (!isWithin(width, MAX_PIXELS) || !isWithin(height, MAX_PIXELS)) {
      throw sizeOutOfRange(width, height);
    }
    if (dpi !== 0 && !isWithin(dpi, MAX_DPI)) throw dpiOutOfRange(dpi);
    const actual = await this.#latest.do(displayId, request);
    return { success: true, actualWidth: actual.width, actualHeight: actual.height };
  }

  async #resize(request: DisplayResizeRequest): Promise<Size> {
    const session = await this.#findSession();
    if (!session) throw noDisplayServer();
    const screen = screenOf(session);
    const outputs = await screen.outputs();
    const output = chooseOutput(outputs, request.displayId);
    if (!output) {
      const names = outputs.filter(({ connected }) => connected).map(({ name }) => name);
      throw displayNotFound(request.displayId, names);
    }
    if (output.current && hasMorePixels(request, output.current)) await this.#kernelSpeaks();
    using complaints = await CardComplaints.fromNow(this.#kernelLog);
    const actual = await screen.resize(output, request);
    const complaint = await complaints.read();
    if (complaint === undefined) return actual;
    if (output.current) await screen.resize(output, { ...output.current, dpi: 0 });
    this.#refusedAt = performance.now();
    throw cardRefused(actual, complaint);
  }

  /** Until then a size that the card refuses might pass for one that it takes; a smaller one it does take. */
  async #kernelSpeaks(): Promise<void> {
    const silentForMs = this.#refusedAt + KERNEL_SILENT_MS - performance.now();
    if (silentForMs > 0) await sleep(silentForMs);
  }
}

function hasMorePixels(a: Size, b: Size): boolean {
  return a.width * a.height > b.width * b.height;
}

function screenOf(session: DesktopSession): Screen {
  if (session.type === 'x11') return new X11Screen(sessionTool('xrandr', session));
  // Installing wlr-randr would not help there.
  if (/gnome|kde|plasma/i.test(session.desktop)) throw compositorHasNoProtocol(session.desktop);
  return new WaylandScreen(sessionTool('wlr-randr', session), session.desktop);
}

function isWithin(value: number, maximum: number): boolean {
  return value >= 1 && value <= maximum;
}
