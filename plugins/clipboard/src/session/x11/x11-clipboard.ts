import { HTML, JPEG, type Mime, PNG, TEXT } from '../../content.ts';
import { type Backend, type BackendOptions, ClipboardUnavailable, type Found } from '../backend.ts';
import { utf8OfHtml, utf8OfText } from '../text.ts';
import { XConnection } from './connection.ts';
import { PropertyChanges } from './property-changes.ts';
import {
  changeProperty,
  createWindow,
  getSelectionOwner,
  type Id,
  NONE,
  PROPERTY_CHANGES,
  STRING,
  setSelectionOwner,
  watchSelection,
  xfixesVersion,
} from './requests.ts';
import { type Representation, SelectionOwner } from './selection-owner.ts';
import { SelectionReader } from './selection-reader.ts';

const PROPERTY_NOTIFY = 28;
const SELECTION_CLEAR = 29;
const SELECTION_REQUEST = 30;
const SELECTION_NOTIFY = 31;

/** The names under which programs offer each representation, the best first. */
const TARGETS: Readonly<Record<Mime, readonly string[]>> = {
  [TEXT]: ['UTF8_STRING', TEXT, 'text/plain;charset=UTF-8', 'text/plain', 'STRING'],
  [PNG]: [PNG],
  [JPEG]: [JPEG, 'image/jpg'],
  [HTML]: [HTML],
};

/** What a reply holds besides the clipboard. */
const REPLY_OVERHEAD_BYTES = 64 * 1024;
/** Applications that set the clipboard in several steps do so within this time. */
const SETTLE_MS = 50;
const TIME_MS = 3000;

/** The clipboard of an X server: a client of its own, with the XFixes extension. */
export class X11Clipboard implements Backend {
  readonly #x: XConnection;
  readonly #window: Id;
  readonly #clipboard: Id;
  readonly #reader: SelectionReader;
  readonly #owner: SelectionOwner;
  readonly #changes: PropertyChanges;

  private constructor(
    x: XConnection,
    { window, clipboard, changes }: { window: Id; clipboard: Id; changes: PropertyChanges },
    maxBytes: number,
  ) {
    this.#x = x;
    this.#window = window;
    this.#clipboard = clipboard;
    this.#changes = changes;
    const common = { window, selection: clipboard, changes };
    this.#reader = new SelectionReader(x, { ...common, maxBytes });
    this.#owner = new SelectionOwner(x, common);
  }

  /**
   * @param display `:0`
   * @param authority an Xauthority file; may be empty
   * @throws ClipboardUnavailable
   */
  static async open(
    display: string,
    authority: string,
    { maxBytes, onChange, onEnd }: BackendOptions,
  ): Promise<X11Clipboard> {
    let onEvent: ((event: Buffer) => void) | undefined;
    const handlers = { onEvent: (event: Buffer) => onEvent?.(event), onEnd };
    const x = await XConnection.open(
      display,
      authority,
      handlers,
      maxBytes + REPLY_OVERHEAD_BYTES,
    ).catch((cause: Error) => {
      throw new ClipboardUnavailable(
        `display ${display}: ${cause.message}`,
        'Check that the X server runs, and that its user has its cookie (xauth list)',
      );
    });
    const xfixes = await x.extension('XFIXES');
    if (!xfixes) {
      throw new ClipboardUnavailable(
        `display ${display} lacks the XFixes extension`,
        'Use an X server that tells changes of the clipboard, as every current one does',
      );
    }
    await x.ask(xfixesVersion(xfixes.opcode));
    const window = x.newId();
    const changes = new PropertyChanges();
    x.send(createWindow(window, x.setup.root, PROPERTY_CHANGES));
    const clipboard = await x.atom('CLIPBOARD');
    const result = new X11Clipboard(x, { window, clipboard, changes }, maxBytes);
    const settled = settling(onChange);
    onEvent = (event) => result.#take(event, xfixes.firstEvent, settled);
    x.send(watchSelection(xfixes.opcode, window, clipboard));
    return result;
  }

  async read(mimes: readonly Mime[]): Promise<Found> {
    const owner = await this.#x.ask(getSelectionOwner(this.#clipboard));
    if (owner.readUInt32LE(8) === NONE) return 'empty';
    const offered = await this.#offered();
    for (const mime of mimes) {
      for (const name of TARGETS[mime]) {
        const target = name === 'STRING' ? STRING : await this.#x.atom(name);
        if (!offered.has(target)) continue;
        const data = await this.#reader.convert(target);
        if (data === 'too large') return data;
        if (data !== undefined) return { mime, data: normalised(name, mime, data) };
      }
    }
    return 'unsupported';
  }

  async own(mime: Mime, data: Buffer): Promise<void> {
    const representations = await this.#representations(mime, data);
    this.#owner.own(representations, await this.#time());
    const owner = await this.#x.ask(getSelectionOwner(this.#clipboard));
    if (owner.readUInt32LE(8) !== this.#window) {
      throw new Error('another program took the clipboard at the same time');
    }
  }

  async clear(): Promise<void> {
    this.#owner.lose();
    // Owned first: only an owner may leave a selection without one.
    const time = await this.#time();
    this.#x.send(setSelectionOwner(this.#window, this.#clipboard, time));
    this.#x.send(setSelectionOwner(NONE, this.#clipboard, time));
    await this.#x.ask(getSelectionOwner(this.#clipboard));
  }

  async #offered(): Promise<Set<Id>> {
    const list = await this.#reader.convert(await this.#x.atom('TARGETS'));
    if (list === undefined || list === 'too large') return new Set();
    const targets = new Set<Id>();
    for (let at = 0; at + 4 <= list.length; at += 4) targets.add(list.readUInt32LE(at));
    return targets;
  }

  async #representations(mime: Mime, data: Buffer): Promise<Representation[]> {
    const target = await this.#x.atom(mime);
    const own = { target, type: target, data };
    if (mime !== TEXT) return [own];
    const [utf8, plain, text] = (await Promise.all(
      ['UTF8_STRING', 'text/plain', 'TEXT'].map((name) => this.#x.atom(name)),
    )) as [Id, Id, Id];
    return [
      { target: utf8, type: utf8, data },
      own,
      { target: plain, type: plain, data },
      { target: text, type: utf8, data },
      { target: STRING, type: STRING, data: latin1(data) },
    ];
  }

  /** The server's: appending nothing to a property makes it tell. */
  async #time(): Promise<number> {
    const where = { window: this.#window, property: await this.#x.atom('LIMIQUANTIX_TIME') };
    const watch = this.#changes.watch(where, 'written');
    try {
      this.#x.send(changeProperty(where, STRING, 8, Buffer.alloc(0), 'append'));
      await watch.next(TIME_MS);
      return this.#lastTime;
    } finally {
      watch.stop();
    }
  }

  #lastTime = 0;

  #take(event: Buffer, firstXfixesEvent: number, onChange: () => void): void {
    const kind = (event[0] as number) & 0x7f;
    if (kind === PROPERTY_NOTIFY) {
      this.#lastTime = event.readUInt32LE(12);
      this.#changes.notify(event);
    } else if (kind === SELECTION_CLEAR) {
      this.#owner.lose();
    } else if (kind === SELECTION_REQUEST) {
      this.#owner.answer(event).catch(() => {
        // The connection ended, which is told elsewhere.
      });
    } else if (kind === SELECTION_NOTIFY) {
      this.#reader.notify(event);
    } else if (kind === firstXfixesEvent) {
      const owner = event.readUInt32LE(8);
      if (owner !== NONE && owner !== this.#window) onChange();
    }
  }
}

function normalised(target: string, mime: Mime, data: Buffer): Buffer {
  if (mime === HTML) return utf8OfHtml(data);
  return mime === TEXT ? utf8OfText(data, target === 'STRING') : data;
}

/** What has no place in Latin-1 becomes a question mark. */
function latin1(utf8: Buffer): Buffer {
  return Buffer.from(utf8.toString().replace(/[^\0-\xff]/gu, '?'), 'latin1');
}

/** Calls back once for a burst of changes. */
function settling(callback: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      callback();
    }, SETTLE_MS);
  };
}
