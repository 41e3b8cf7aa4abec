import type { CommandResult } from '../machine/shell.ts';
import type { Guest } from './guest.ts';

/** Starts Xorg with an authority file of its own, in the foreground: else logind gives it no card. */
const START = `systemd-run --quiet --unit=desktop --uid=tester --working-directory=/home/tester \
  --property=PAMName=login --property=TTYPath=/dev/tty7 --property=StandardInput=tty \
  --property=StandardOutput=journal --property=StandardError=journal \
  --setenv=XDG_SEAT=seat0 --setenv=XDG_VTNR=7 --setenv=XDG_SESSION_TYPE=x11 \
  sh -c 'busctl call org.freedesktop.login1 /org/freedesktop/login1/seat/seat0 \
    org.freedesktop.login1.Seat SwitchTo u 7
  exec startx /bin/sleep infinity -- :0 vt7 -noreset'`;

const SESSION = 'env HOME=/home/tester DISPLAY=:0 XAUTHORITY=/home/tester/.Xauthority';

/** The graphical session of the user `tester` at the machine's screen: an X server, no programs. */
export class Desktop {
  readonly #guest: Guest;

  private constructor(guest: Guest) {
    this.#guest = guest;
  }

  /** Resolves when it takes clients. */
  static async start(guest: Guest): Promise<Desktop> {
    const desktop = new Desktop(guest);
    await guest.ok(START);
    const answers = `${inSession('xset q')} >/dev/null`;
    await guest.ok(
      `for try in $(seq 100); do ${answers} && exit; sleep 0.5; done; exit 1`,
      120_000,
    );
    return desktop;
  }

  /** Runs a command line with its display, as its user. */
  run(command: string): Promise<CommandResult> {
    return this.#guest.run(inSession(command));
  }

  /** What it prints, as it is. @throws Error where it fails */
  async ok(command: string): Promise<string> {
    const { status, stdout } = await this.run(command);
    if (status !== 0) throw new Error(`${command}\nfailed with ${status}:\n${stdout}`);
    return stdout;
  }

  /** Ends the X server, and its session with it. */
  async stop(): Promise<void> {
    await this.#guest.ok('pkill -x Xorg; while systemctl is-active -q desktop; do sleep 0.5; done');
  }
}

function inSession(command: string): string {
  const quoted = `'${command.replaceAll("'", `'\\''`)}'`;
  return `setpriv --reuid=tester --regid=tester --init-groups ${SESSION} bash -c ${quoted}`;
}
