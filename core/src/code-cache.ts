import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { Script } from 'node:vm';

/** The code of a CommonJS file. */
export type CommonJs = (
  exports: object,
  require: (id: string) => unknown,
  module: { exports: object },
  filename: string,
  dirname: string,
) => void;

/** The names that {@link CommonJs} gives to what it takes. */
export const COMMON_JS_PARAMETERS: readonly string[] = [
  'exports',
  'require',
  'module',
  '__filename',
  '__dirname',
];

const PROLOGUE = `(function(${COMMON_JS_PARAMETERS}){`;
const EPILOGUE = '\n})';
/** The checksums of text and data, which also aligns the data as V8 wants it. */
const HEADER_BYTES = 8;

/** Where what V8 made of a bundle is kept: beside it. */
export function codeCacheOf(bundle: string): string {
  return bundle.replace(/\.cjs$/, '.cache');
}

/**
 * A bundle as V8 compiled it when the agent was built: half the time of loading it.
 * @returns undefined where there is no such code, or it is not for this very source and V8: then
 *   the source is to be compiled
 */
export function fromCodeCache(bundle: string): CommonJs | undefined {
  try {
    const text = textOf(bundle);
    const cache = readFileSync(codeCacheOf(bundle));
    const cachedData = cache.subarray(HEADER_BYTES);
    // V8 looks at the text's length alone, and believes what it is given.
    if (!headerOf(text, cachedData).equals(cache.subarray(0, HEADER_BYTES))) return undefined;
    const script = scriptOf(text, bundle, cachedData);
    return script.cachedDataRejected ? undefined : (script.runInThisContext() as CommonJs);
  } catch {
    return undefined;
  }
}

/** A bundle, which is ASCII, as the text of a function; in one piece, or V8 would make another. */
export function textOf(bundle: string): Buffer {
  const file = openSync(bundle, 'r');
  try {
    const { size } = fstatSync(file);
    const text = Buffer.allocUnsafeSlow(PROLOGUE.length + size + EPILOGUE.length);
    text.write(PROLOGUE, 'latin1');
    readSync(file, text, PROLOGUE.length, size, 0);
    text.write(EPILOGUE, PROLOGUE.length + size, 'latin1');
    return text;
  } finally {
    closeSync(file);
  }
}

/** @param text of {@link textOf} */
export function scriptOf(text: Buffer, filename: string, cachedData?: Buffer): Script {
  return new Script(text.toString('latin1'), {
    filename,
    columnOffset: -PROLOGUE.length,
    ...(cachedData && { cachedData }),
  });
}

/** What {@link fromCodeCache} reads. */
export function codeCacheContent(text: Buffer, script: Script): Buffer {
  const data = script.createCachedData();
  return Buffer.concat([headerOf(text, data), data]);
}

/**
 * zlib's, of which Node has no other way to it: that module takes 1 ms and 0.2 MB at each start.
 * Where it is missing, so is the code cache.
 */
function crc32(bytes: Buffer): number {
  return (process as unknown as Bindings).binding('zlib').crc32(bytes, 0);
}

interface Bindings {
  binding(name: 'zlib'): { crc32(bytes: Uint8Array, initial: number): number };
}

function headerOf(text: Buffer, data: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(crc32(text), 0);
  header.writeUInt32LE(crc32(data), 4);
  return header;
}
