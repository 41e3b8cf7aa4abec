import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { Machine, newRunDirectory } from '../machine/machine.ts';
import { type BootOptions, DIES_WITH_US } from '../machine/qemu.ts';
import type { Events } from '../machine/qmp.ts';
import type { CommandResult } from '../machine/shell.ts';
import { readSnapshot, type Snapshot } from '../machine/snapshot.ts';

export interface GuestOptions {
  /** Without one the agent's port is free for a host of the test's own. Default: true. */
  readonly gateway?: boolean | undefined;
  /** Resolves when `run` works; else, without a gateway, as soon as it is switched on. Default: true. */
  readonly waitForShell?: boolean | undefined;
}

/** An answer of the gateway. */
export interface RestAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape
  readonly body: any;
}

const BOOT_LIMIT_MS = 120_000;

/** Those of this test file, for who reports a failure. */
export const guests: Set<Guest> = new Set();

/** A guest with the agent installed and running, about a second after it is asked for. */
export function restoreGuest(options: GuestOptions = {}): Promise<Guest> {
  const { state } = snapshot();
  return Guest.start({ state }, options);
}

/** The same guest, booted: its kernel, hardware and clock may be changed. */
export function bootGuest(options: BootOptions & GuestOptions = {}): Promise<Guest> {
  const { gateway, waitForShell, ...boot } = options;
  return Guest.start(boot, { gateway, waitForShell });
}

/** What all guests begin as. */
export function snapshot(): Snapshot {
  const dir = process.env.LIMIQUANTIX_VM_SNAPSHOT;
  if (!dir) throw new Error('there is no guest to start from: run `npm run test:vm`');
  return readSnapshot(dir);
}

/** A virtual machine of a test's own. */
export class Guest {
  readonly machine: Machine;
  /** The host's end of the agent's port. It takes one host at a time: the gateway, if there is one. */
  readonly socketPath: string;
  #gateway: GatewayProcess | undefined;

  private constructor(machine: Machine) {
    this.machine = machine;
    this.socketPath = machine.places.agent;
  }

  static async start(
    boot: BootOptions & { readonly state?: string },
    { gateway = true, waitForShell = true }: GuestOptions,
  ): Promise<Guest> {
    const { image, root, data } = snapshot();
    const dir = newRunDirectory();
    const machine = await Machine.start({
      ...boot,
      dir,
      image,
      disks: { root: { file: root, format: 'qcow2' }, data: { file: data, format: 'qcow2' } },
    });
    const guest = new Guest(machine);
    guests.add(guest);
    try {
      if (waitForShell) await machine.shell.ready(BOOT_LIMIT_MS);
      if (gateway) await guest.startGateway();
      return guest;
    } catch (error) {
      const evidence = await guest.evidence();
      await guest.stop();
      throw new Error(`the guest does not get ready: ${error}\n${evidence}`, { cause: error });
    }
  }

  /** What the machine tells: SHUTDOWN, RESET (three for one reboot), VSERPORT_CHANGE. */
  get events(): Events {
    return this.machine.qmp.events;
  }

  get gateway(): GatewayProcess {
    if (!this.#gateway) throw new Error('this guest was started without a gateway');
    return this.#gateway;
  }

  /** Starts the gateway of a guest that has none. Resolves when a ping reaches the agent. */
  async startGateway(): Promise<void> {
    const dir = join(this.machine.places.vms, '..');
    this.#gateway = await GatewayProcess.start(
      { dir },
      { vm: 'guest', launcher: DIES_WITH_US, readyWithinMs: BOOT_LIMIT_MS },
    );
  }

  async stopGateway(): Promise<void> {
    await this.#gateway?.stop();
    this.#gateway = undefined;
  }

  /** Runs a command line as root in the guest, not through the agent. */
  run(command: string, timeoutMs?: number): Promise<CommandResult> {
    return this.machine.shell.run(command, timeoutMs);
  }

  /** What it prints, without white space at its ends. @throws Error where it fails */
  async ok(command: string, timeoutMs?: number): Promise<string> {
    const { status, stdout } = await this.run(command, timeoutMs);
    if (status !== 0) throw new Error(`${command}\nfailed with ${status}:\n${stdout}`);
    return stdout.trim();
  }

  /** Asks the gateway; `path` comes after `/api/v1/vms/guest/agent`. */
  async rest(method: string, path: string, body?: unknown): Promise<RestAnswer> {
    const answer = await this.gateway.call(method, path, body);
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Asks the machine's monitor. */
  qmp(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.machine.qmp.run(command, args);
  }

  /** What the screen shows. */
  async screendump(): Promise<Screen> {
    const file = `${this.machine.places.serialLog}.ppm`;
    await this.qmp('screendump', { filename: file });
    return screenOf(readFileSync(file));
  }

  /** The agent's lines in the journal of this boot. */
  async agentLog(): Promise<string> {
    return this.ok('journalctl --no-pager --output=cat --boot --unit=limiquantix-agent.service');
  }

  /** The ends of its logs, for who asks why a test failed. */
  async evidence(): Promise<string> {
    const serial = readFileSync(this.machine.places.serialLog, 'latin1');
    const agent = await this.run(
      'journalctl --no-pager --lines=40 --unit=limiquantix-agent.service',
      5000,
    ).catch((error: Error) => ({ stdout: error.message }));
    const tail = serial.trimEnd().split('\n').slice(-20).join('\n');
    return `--- the guest's serial console\n${tail}\n--- the agent's journal\n${agent.stdout}`;
  }

  /** Ends it at once; nothing of it stays. */
  async stop(): Promise<void> {
    guests.delete(this);
    await this.stopGateway();
    await this.machine.stop();
  }
}

export interface Screen {
  readonly width: number;
  readonly height: number;
  /** Three bytes a pixel: red, green, blue; row by row. */
  readonly pixels: Buffer;
}

/** Reads QEMU's binary PPM. */
function screenOf(ppm: Buffer): Screen {
  const [head, width, height] =
    /^P6\s(\d+)\s(\d+)\s255\s/.exec(ppm.toString('latin1', 0, 64)) ?? [];
  if (!head) throw new Error('the screendump is no PPM');
  return { width: Number(width), height: Number(height), pixels: ppm.subarray(head.length) };
}
