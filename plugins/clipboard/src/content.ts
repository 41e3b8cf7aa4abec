import { isUtf8 } from 'node:buffer';
import { ClipboardType } from '@limiquantix/plugin-sdk';
import { type ImageSize, jpegSize, pngSize } from './image-size.ts';

/** What travels: one representation of what was copied. */
export interface Content {
  readonly type: ClipboardType;
  readonly mime: string;
  readonly data: Buffer;
}

export type Mime = typeof TEXT | typeof PNG | typeof JPEG | typeof HTML;

export const TEXT = 'text/plain;charset=utf-8';
export const HTML = 'text/html';
export const PNG = 'image/png';
export const JPEG = 'image/jpeg';

/** The representations that are shared, the most useful one first. */
export const MIMES: readonly Mime[] = [TEXT, PNG, JPEG, HTML];

const TYPES: Readonly<Record<Mime, ClipboardType>> = {
  [TEXT]: ClipboardType.TEXT,
  [PNG]: ClipboardType.IMAGE,
  [JPEG]: ClipboardType.IMAGE,
  [HTML]: ClipboardType.HTML,
};

/** A picture this large takes 256 MiB to draw, however small its file. */
const MAX_PIXELS = 64 * 1024 * 1024;

/** @returns the representations in the order in which they are wanted */
export function mimesPreferring(type: ClipboardType): Mime[] {
  return [
    ...MIMES.filter((mime) => TYPES[mime] === type),
    ...MIMES.filter((mime) => TYPES[mime] !== type),
  ];
}

export function isMime(text: unknown): text is Mime {
  return MIMES.some((mime) => mime === text);
}

export function contentOf(mime: Mime, data: Buffer): Content {
  return { type: TYPES[mime], mime, data };
}

/**
 * What a host declares as one of the representations.
 * @param declared may be empty
 * @returns undefined where it is none of them
 */
export function declaredMime(
  type: ClipboardType,
  declared: string,
  data: Buffer,
): Mime | undefined {
  const bare = declared
    .toLowerCase()
    .replace(/\s*;.*$/s, '')
    .trim();
  const utf8 = !/charset=/i.test(declared) || /charset="?utf-?8"?\s*(;|$)/i.test(declared);
  switch (type) {
    case ClipboardType.TEXT:
      return utf8 && (bare === '' || bare === 'text/plain') ? TEXT : undefined;
    case ClipboardType.HTML:
      return utf8 && (bare === '' || bare === HTML) ? HTML : undefined;
    case ClipboardType.IMAGE:
      if (bare === '') return pngSize(data) ? PNG : JPEG;
      return bare === PNG || bare === JPEG ? bare : undefined;
    default:
      return undefined;
  }
}

/** @returns why the data cannot be what it is called; undefined: it can */
export function contentProblem(mime: Mime, data: Buffer): string | undefined {
  if (mime === PNG) return imageProblem('PNG', pngSize(data));
  if (mime === JPEG) return imageProblem('JPEG', jpegSize(data));
  return isUtf8(data) ? undefined : 'it is not UTF-8';
}

function imageProblem(kind: string, size: ImageSize | undefined): string | undefined {
  if (size === undefined) return `it is no ${kind} image`;
  if (size.width * size.height <= MAX_PIXELS) return undefined;
  return `an image of ${size.width}x${size.height} pixels is too large to be drawn`;
}
