import {
  ClipboardChanged,
  ClipboardGet,
  ClipboardUpdate,
  definePlugin,
  on,
  type Plugin,
} from '@limiquantix/plugin-sdk';
import type { FindDesktopSession } from '@limiquantix/plugin-sdk/guest';
import { GuestClipboard } from './guest-clipboard.ts';

/** The plugin's settings, as its manifest describes them. */
export interface ClipboardConfig {
  /** Whether the host is told what is copied in the guest. */
  readonly monitoring: boolean;
  readonly max_bytes: number;
}

export interface ClipboardPluginOptions {
  readonly findSession: FindDesktopSession;
  /** Whether there may be another session than before; by default there always may. */
  readonly worthLooking?: () => boolean;
  /** The file of the plugin's bundle, of which the session's process is made too. */
  readonly program: string;
  /** How often to look whether somebody logged in or out. */
  readonly sessionPollMs?: number;
}

const SESSION_POLL_MS = 10_000;
/** What a message holds besides the clipboard. */
const MESSAGE_OVERHEAD_BYTES = 4096;

export function clipboardPlugin({
  findSession,
  worthLooking = () => true,
  program,
  sessionPollMs = SESSION_POLL_MS,
}: ClipboardPluginOptions): Plugin<ClipboardConfig> {
  return definePlugin<ClipboardConfig>(({ name, config, agent, log, emit, listening }) => {
    const clipboard = new GuestClipboard({
      findSession,
      program,
      maxBytes: Math.min(config.max_bytes, agent.maxMessageBytes - MESSAGE_OVERHEAD_BYTES),
      log,
      onContent: ({ type, mime, data }) => emit(ClipboardChanged, { type, data, mimeType: mime }),
    });
    let timer: NodeJS.Timeout | undefined;

    function stop(): void {
      clearInterval(timer);
      timer = undefined;
      clipboard.pause();
    }

    function look(): void {
      if (!listening()) stop();
      else if (worthLooking()) watch();
    }

    function watch(): void {
      if (!config.monitoring) return;
      clipboard.watch().catch((error: unknown) => {
        log.warn('looking for the desktop session failed', { error: String(error) });
      });
    }

    function start(): void {
      if (timer !== undefined || !listening()) return;
      timer = setInterval(look, sessionPollMs);
      watch();
    }

    return {
      handlers: [
        on(ClipboardUpdate, async (request) => {
          await clipboard.update(request);
          return { success: true };
        }),
        on(ClipboardGet, (request) => clipboard.get(request)),
      ],
      tap(hooks) {
        hooks.started.tap(name, start);
        hooks.connected.tap(name, start);
        hooks.freezing.tap(name, stop);
        hooks.thawed.tap(name, start);
        hooks.stopping.tap(name, stop);
      },
      dispose() {
        stop();
        clipboard.dispose();
      },
    };
  });
}
