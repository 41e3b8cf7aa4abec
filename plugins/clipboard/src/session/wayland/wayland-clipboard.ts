import { type ChildProcess, spawn } from 'node:child_process';
import { HTML, JPEG, type Mime, PNG, TEXT } from '../../content.ts';
import type { Backend, BackendOptions, Found } from '../backend.ts';
import { utf8OfHtml, utf8OfText } from '../text.ts';
import { runWl, type WlResult, wlClipboardMissing } from './wl-tool.ts';

/** The names under which programs offer each representation, the best first. */
const OFFERS: Readonly<Record<Mime, readonly string[]>> = {
  [TEXT]: [TEXT, 'text/plain;charset=UTF-8', 'UTF8_STRING', 'text/plain', 'STRING'],
  [PNG]: [PNG],
  [JPEG]: [JPEG, 'image/jpg'],
  [HTML]: [HTML],
};

const MAX_LIST_BYTES = 64 * 1024;
/** wl-paste runs a program at every change: the shortest there is that can be heard. */
const WATCH = ['--watch', 'echo'];

/** The clipboard of a compositor that has a data-control protocol, by wl-clipboard. */
export class WaylandClipboard implements Backend {
  readonly #maxBytes: number;

  private constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @throws ClipboardUnavailable where wl-clipboard is not installed */
  static async open({ maxBytes, onChange, onEnd }: BackendOptions): Promise<WaylandClipboard> {
    const watch = spawn('wl-paste', WATCH, { stdio: ['ignore', 'pipe', 'ignore'] });
    await started(watch);
    // It tells at once of what there is already.
    const { exitCode } = await listTypes();
    let isFirst = exitCode === 0;
    watch.stdout?.on('data', () => {
      if (!isFirst) onChange();
      isFirst = false;
    });
    watch.once('exit', onEnd);
    return new WaylandClipboard(maxBytes);
  }

  async read(mimes: readonly Mime[]): Promise<Found> {
    const list = await listTypes();
    if (list.exitCode !== 0) return nothing(list.complaint);
    const offered = new Set(list.output.toString('latin1').split('\n'));
    for (const mime of mimes) {
      const name = OFFERS[mime].find((candidate) => offered.has(candidate));
      if (name === undefined) continue;
      const args = ['--no-newline', '--type', name];
      const { exitCode, output, tooLarge, complaint } = await runWl('wl-paste', args, {
        maxBytes: this.#maxBytes,
      });
      if (tooLarge) return 'too large';
      if (exitCode !== 0) return nothing(complaint);
      return { mime, data: normalised(mime, output) };
    }
    return 'unsupported';
  }

  async own(mime: Mime, data: Buffer): Promise<void> {
    await copied(['--type', mime], data);
  }

  async clear(): Promise<void> {
    await copied(['--clear']);
  }
}

function listTypes(): Promise<WlResult> {
  return runWl('wl-paste', ['--list-types'], { maxBytes: MAX_LIST_BYTES });
}

async function copied(args: readonly string[], input: Buffer = Buffer.alloc(0)): Promise<void> {
  const { exitCode, complaint } = await runWl('wl-copy', args, { input });
  if (exitCode !== 0) throw new Error(complaint.trim() || `wl-copy ended with ${exitCode}`);
}

/** The words of wl-clipboard before and since 2.2. */
function nothing(complaint: string): 'empty' {
  if (/No selection|Nothing is copied/.test(complaint)) return 'empty';
  throw new Error(complaint.trim() || 'wl-paste does not answer');
}

function normalised(mime: Mime, data: Buffer): Buffer {
  if (mime === HTML) return utf8OfHtml(data);
  return mime === TEXT ? utf8OfText(data, false) : data;
}

function started(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('spawn', resolve);
  child.once('error', (error: NodeJS.ErrnoException) => {
    reject(error.code === 'ENOENT' ? wlClipboardMissing() : error);
  });
  return promise;
}
