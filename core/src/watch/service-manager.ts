import { runTool } from '@limiquantix/plugin-sdk/guest';
import type { Log } from '../log/log.ts';
import { pause } from '../until.ts';
import { sendNotification } from './notify-socket.ts';

const SEND_LIMIT_MS = 5000;
/** The agent's end does not wait any longer for its being told. */
const STOPPING_LIMIT_MS = 200;

/** Sends the lines of one message, as sd_notify(3) has them. */
type Send = (lines: readonly string[]) => Promise<void>;

export interface ServiceManagerOptions {
  /** Taken out of it: what the agent starts must not speak in its name. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: Pick<Log, 'warn'>;
  readonly send?: Send;
}

/**
 * Tells systemd how the service is, where systemd started it; silent elsewhere.
 *
 * Works while the filesystems are frozen: nothing is written.
 */
export class ServiceManager {
  readonly #send: Send | undefined;
  readonly #log: Pick<Log, 'warn'>;
  readonly #watchdog: NodeJS.Timeout | undefined;
  /** What has been said: messages must arrive in their order. */
  #said: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor({ env, log, send }: ServiceManagerOptions) {
    const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: limit, WATCHDOG_PID: pid } = env;
    for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
    this.#log = log;
    if (!socket) return;
    this.#send = send ?? ((lines) => notify(socket, lines));
    const limitMs = Number(limit) / 1000;
    if (!(limitMs > 0) || (pid && Number(pid) !== process.pid)) return;
    this.#watchdog = setInterval(() => this.#alive(), limitMs / 2).unref();
  }

  /** Requests are served; also the end of a reload. */
  ready(status: string): Promise<void> {
    return this.#tell(['READY=1', `STATUS=${status}`]);
  }

  reloading(): Promise<void> {
    const now = process.hrtime.bigint() / 1000n;
    return this.#tell(['RELOADING=1', `MONOTONIC_USEC=${now}`]);
  }

  async stopping(): Promise<void> {
    clearInterval(this.#watchdog);
    await Promise.race([this.#tell(['STOPPING=1', 'STATUS=stopping']), pause(STOPPING_LIMIT_MS)]);
  }

  /** Says that the event loop turns, which is all that a timer can prove. */
  #alive(): void {
    if (this.#waiting === 0) void this.#tell(['WATCHDOG=1']);
  }

  #tell(lines: readonly string[]): Promise<void> {
    const send = this.#send;
    if (!send) return this.#said;
    this.#waiting++;
    this.#said = this.#said.then(async () => {
      try {
        await send(lines);
      } catch (error) {
        this.#log.warn(`the service manager was not told: ${(error as Error).message}`, { lines });
      } finally {
        this.#waiting--;
      }
    });
    return this.#said;
  }
}

async function notify(socket: string, lines: readonly string[]): Promise<void> {
  try {
    sendNotification(socket, lines.join('\n'));
  } catch {
    // It waits where we may not, and else says what is wrong.
    await systemdNotify(socket, lines);
  }
}

/** Takes 6 ms of CPU time. As root it sends with the agent's own process id. */
async function systemdNotify(socket: string, lines: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runTool('systemd-notify', lines, {
    timeoutMs: SEND_LIMIT_MS,
    env: { NOTIFY_SOCKET: socket },
  });
  if (exitCode !== 0)
    throw new Error(`systemd-notify: ${stderr.trim() || `exit code ${exitCode}`}`);
}
