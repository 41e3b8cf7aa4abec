import { createHash } from 'node:crypto';
import type {
  ClipboardGetRequest,
  ClipboardGetResponse,
  ClipboardUpdateRequest,
  Init,
  Logger,
} from '@limiquantix/plugin-sdk';
import { AgentError, ClipboardType } from '@limiquantix/plugin-sdk';
import {
  type DesktopSession,
  type FindDesktopSession,
  noDisplayServer,
} from '@limiquantix/plugin-sdk/guest';
import { type Content, contentProblem, declaredMime, mimesPreferring } from './content.ts';
import { contentTooLarge, notAsDeclared, typeUnsupported } from './errors.ts';
import { SessionClipboard } from './session-clipboard.ts';

export interface GuestClipboardOptions {
  readonly findSession: FindDesktopSession;
  /** The plugin's own bundle. */
  readonly program: string;
  readonly maxBytes: number;
  readonly log: Logger;
  /** Somebody in the guest copied this. */
  readonly onContent: (content: Content) => void;
}

/** After a session's clipboard could not be had, it is not tried again unasked for so long. */
const RETRY_MS = 300_000;

/** The clipboard of whichever session is active. */
export class GuestClipboard {
  readonly #options: GuestClipboardOptions;
  #open: { readonly key: string; readonly clipboard: SessionClipboard } | undefined;
  /** Whether the guest was given something that only lives as long as its process. */
  #owns = false;
  /** Of what the host knows: what it set last, or was told last. */
  #known = '';
  #refused: { readonly key: string; readonly at: number } | undefined;
  #watching = false;
  /** A change waits for its turn: one that comes meanwhile is read with it. */
  #toldOfChange = false;
  #disposed = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: GuestClipboardOptions) {
    this.#options = options;
  }

  /** @throws AgentError */
  async update({ type, mimeType, data }: ClipboardUpdateRequest): Promise<void> {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const { maxBytes } = this.#options;
    const mime = declaredMime(type, mimeType, bytes);
    if (mime === undefined) throw typeUnsupported(describe(type, mimeType));
    if (bytes.length > maxBytes) throw contentTooLarge(`${bytes.length} bytes`, maxBytes);
    const problem = contentProblem(mime, bytes);
    if (problem !== undefined) throw notAsDeclared(mime, problem);
    await this.#inTurn(async () => {
      const clipboard = await this.#ofSession();
      this.#known = digestOf(bytes);
      if (bytes.length === 0) await clipboard.clear();
      else await clipboard.own(mime, bytes);
      this.#owns = bytes.length > 0;
    });
  }

  /** @throws AgentError */
  async get({ preferredType }: ClipboardGetRequest): Promise<Init<ClipboardGetResponse>> {
    if (preferredType === ClipboardType.FILES) throw typeUnsupported('files');
    const { type, mime, data } = await this.#inTurn(async () => {
      const clipboard = await this.#ofSession();
      return clipboard.read(mimesPreferring(preferredType));
    });
    return { success: true, type, data, mimeType: mime };
  }

  /** Looks where the session is, and tells from now on what is copied in it. */
  async watch(): Promise<void> {
    this.#watching = true;
    await this.#inTurn(async () => {
      const session = await this.#options.findSession();
      const key = session && keyOf(session);
      if (!this.#watching || key === undefined || key === this.#open?.key) return;
      if (this.#refused?.key === key && performance.now() - this.#refused.at < RETRY_MS) return;
      try {
        await this.#openIn(session as DesktopSession);
        // Meanwhile nobody wants to be told any more.
        if (!this.#watching) this.pause();
      } catch (error) {
        this.#refused = { key, at: performance.now() };
        this.#options.log.info('the clipboard is not watched', { error: String(error) });
      }
    });
  }

  /** Nobody wants to be told. A process that owns what the host has set goes on. */
  pause(): void {
    this.#watching = false;
    if (!this.#owns) this.#open?.clipboard.close();
  }

  dispose(): void {
    this.#disposed = true;
    this.#watching = false;
    this.#open?.clipboard.close();
  }

  async #ofSession(): Promise<SessionClipboard> {
    const session = await this.#options.findSession();
    if (!session) throw noDisplayServer();
    if (this.#open?.key === keyOf(session)) return this.#open.clipboard;
    return this.#openIn(session);
  }

  async #openIn(session: DesktopSession): Promise<SessionClipboard> {
    this.#open?.clipboard.close();
    const { program, maxBytes } = this.#options;
    const clipboard = await SessionClipboard.open(session, {
      program,
      maxBytes,
      onChange: () => this.#changed(),
      onEnd: (ended) => {
        if (this.#open?.clipboard !== ended) return;
        this.#open = undefined;
        this.#owns = false;
      },
    });
    if (this.#disposed) clipboard.close();
    else this.#open = { key: keyOf(session), clipboard };
    return clipboard;
  }

  /** The process tells of every change, those that the host made too. */
  #changed(): void {
    if (!this.#watching || this.#toldOfChange) return;
    this.#toldOfChange = true;
    this.#inTurn(async () => {
      this.#toldOfChange = false;
      const clipboard = this.#open?.clipboard;
      if (!clipboard || !this.#watching) return;
      const content = await clipboard.read(mimesPreferring(ClipboardType.TEXT));
      const digest = digestOf(content.data);
      if (digest === this.#known) return;
      this.#known = digest;
      this.#options.onContent(content);
    }).catch((error: unknown) => {
      const { codeString, message } = AgentError.from(error);
      this.#options.log.debug('a change of the clipboard is not told', { codeString, message });
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

/** Another one for another login, even of the same user. */
function keyOf({ id, user, environment }: DesktopSession): string {
  const { DISPLAY, WAYLAND_DISPLAY } = environment;
  return JSON.stringify([id, user.uid, DISPLAY, WAYLAND_DISPLAY]);
}

/** Its content is not kept: it may be a password. */
function digestOf(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('base64');
}

function describe(type: ClipboardType, mimeType: string): string {
  if (type === ClipboardType.FILES) return 'files';
  return `type ${type} as ${JSON.stringify(mimeType.slice(0, 100))}`;
}
