import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Duplex, Readable } from 'node:stream';
import type { DesktopSession } from '@limiquantix/plugin-sdk/guest';
import { type Content, contentOf, contentProblem, isMime, type Mime } from './content.ts';
import {
  accessFailed,
  clipboardEmpty,
  contentTooLarge,
  notAsDeclared,
  typeUnsupported,
} from './errors.ts';
import { encodePacket, type Head, type Packet, PacketReader } from './packets.ts';

export interface SessionClipboardOptions {
  /** The plugin's own bundle, which has the session's process in it too. */
  readonly program: string;
  /** Of a clipboard. */
  readonly maxBytes: number;
  /** Somebody in the guest copied something. */
  readonly onChange: () => void;
  readonly onEnd: (clipboard: SessionClipboard) => void;
}

/** The argument by which a bundle that is run as a program knows what it is. */
export const SESSION_PROCESS = 'clipboard-of-session';

/** For the session's process to start, and for it to do one thing. */
const START_MS = 10_000;
const ANSWER_MS = 20_000;
const PATH = '/usr/bin:/bin';
const RUNTIME_OPTIONS = ['--no-warnings', '--disable-sigusr1', '--max-old-space-size=64'];

/** The clipboard of one session, through a process that runs in it as its user. */
export class SessionClipboard {
  readonly #child: ChildProcess;
  readonly #socket: Duplex;
  readonly #options: SessionClipboardOptions;
  readonly #ready: PromiseWithResolvers<void> = Promise.withResolvers();
  #answer: PromiseWithResolvers<Packet> | undefined;
  #closed = false;

  private constructor(child: ChildProcess, options: SessionClipboardOptions) {
    this.#child = child;
    this.#options = options;
    this.#socket = child.stdio[3] as Duplex;
    const reader = new PacketReader(options.maxBytes);
    this.#socket.on('data', (chunk: Buffer) => this.#receive(reader, chunk));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.close());
    let complaint = '';
    (child.stderr as Readable).on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk}`.slice(-500);
    });
    child.once('error', (cause) =>
      this.#fail(
        accessFailed(
          `no process of the session's user can be started: ${cause.message}`,
          '',
          cause,
        ),
      ),
    );
    child.once('exit', () => this.#fail(accessFailed(`the session's process ended. ${complaint}`)));
  }

  /** @throws AgentError CLIPBOARD_ACCESS_FAILED */
  static async open(
    { user, environment }: DesktopSession,
    options: SessionClipboardOptions,
  ): Promise<SessionClipboard> {
    // As its standard input: the user may not be let into the folder that it lies in.
    const program = openSync(options.program, 'r');
    const child = spawn(
      process.execPath,
      [...RUNTIME_OPTIONS, '-', SESSION_PROCESS, String(options.maxBytes)],
      {
        cwd: '/',
        env: { PATH, LANG: 'C.UTF-8', ...environment },
        uid: user.uid,
        gid: user.gid,
        stdio: [program, 'ignore', 'pipe', 'pipe'],
        detached: true,
      },
    );
    closeSync(program);
    const clipboard = new SessionClipboard(child, options);
    try {
      await clipboard.#within(START_MS, clipboard.#ready.promise);
      return clipboard;
    } catch (error) {
      clipboard.close();
      throw error;
    }
  }

  /** @throws AgentError where there is nothing that can be shared */
  async read(mimes: readonly Mime[]): Promise<Content> {
    const { head, data } = await this.#ask({ do: 'read', mimes });
    const { maxBytes } = this.#options;
    if (head.found === 'empty') throw clipboardEmpty();
    if (head.found === 'too large') throw contentTooLarge('the clipboard holds more', maxBytes);
    if (head.found !== 'content' || !isMime(head.mime)) {
      throw typeUnsupported('the clipboard holds nothing that can be shared');
    }
    const problem = contentProblem(head.mime, data);
    if (problem !== undefined) throw notAsDeclared(head.mime, problem);
    if (data.length === 0) throw clipboardEmpty();
    return contentOf(head.mime, data);
  }

  async own(mime: Mime, data: Uint8Array): Promise<void> {
    await this.#ask({ do: 'own', mime }, data);
  }

  async clear(): Promise<void> {
    await this.#ask({ do: 'clear' });
  }

  /** What it owned goes with it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    this.#child.stderr?.destroy();
    killGroup(this.#child);
    this.#fail(accessFailed("the session's process was ended"));
    this.#options.onEnd(this);
  }

  /** One at a time: the caller sees to it. */
  async #ask(head: Head, data?: Uint8Array): Promise<Packet> {
    if (this.#closed) throw accessFailed("the session's process ended");
    const answer = Promise.withResolvers<Packet>();
    this.#answer = answer;
    this.#socket.write(encodePacket(head, data));
    try {
      const packet = await this.#within(ANSWER_MS, answer.promise);
      const { problem, resolution } = packet.head;
      if (typeof problem === 'string') throw accessFailed(problem, String(resolution ?? ''));
      return packet;
    } finally {
      this.#answer = undefined;
    }
  }

  #receive(reader: PacketReader, chunk: Buffer): void {
    try {
      for (const packet of reader.push(chunk)) this.#take(packet);
    } catch (cause) {
      this.#fail(accessFailed("the session's process does not keep to the format", '', cause));
      this.close();
    }
  }

  #take(packet: Packet): void {
    const { event, problem, resolution } = packet.head;
    if (event === 'changed') this.#options.onChange();
    else if (event === 'ready') this.#ready.resolve();
    else if (event === 'failed')
      this.#fail(accessFailed(String(problem), String(resolution ?? '')));
    else this.#answer?.resolve(packet);
  }

  /** One that does not answer is of no more use. */
  async #within<T>(ms: number, work: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.#fail(accessFailed(`the session's process did not answer within ${ms / 1000} s`));
      this.close();
    }, ms);
    return work.finally(() => clearTimeout(timer));
  }

  #fail(error: Error): void {
    this.#ready.reject(error);
    this.#answer?.reject(error);
  }
}

/** With what it started itself. Once it was waited for, its number may be another's. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended, and its exit is about to be told.
  }
}
