import { isUtf8 } from 'node:buffer';

/** @param latin1 whether that is what it was offered as */
export function utf8OfText(data: Buffer, latin1: boolean): Buffer {
  const text = withoutFinalNul(data);
  return latin1 || !isUtf8(text) ? Buffer.from(text.toString('latin1')) : text;
}

/** Browsers give HTML in UTF-16 with a byte order mark, or in UTF-8 with or without one. */
export function utf8OfHtml(data: Buffer): Buffer {
  if (data[0] === 0xff && data[1] === 0xfe) return Buffer.from(data.toString('utf16le', 2));
  const text = withoutFinalNul(data);
  return text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? text.subarray(3) : text;
}

/** Some programs count the end of a C string. */
function withoutFinalNul(data: Buffer): Buffer {
  return data.at(-1) === 0 ? data.subarray(0, -1) : data;
}
