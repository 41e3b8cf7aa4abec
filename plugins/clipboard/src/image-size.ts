// The size of an image as its header tells it: the data is not decoded.

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

const PNG_START = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1');
const JPEG_START = Buffer.from([0xff, 0xd8, 0xff]);

/** @returns undefined where the data does not begin as a PNG does, or has no size */
export function pngSize(data: Buffer): ImageSize | undefined {
  if (data.length < 33 || !data.subarray(0, PNG_START.length).equals(PNG_START)) return undefined;
  return sizeOf(data.readUInt32BE(16), data.readUInt32BE(20));
}

/** @returns undefined where the data is no JPEG whose segments lead to a frame header */
export function jpegSize(data: Buffer): ImageSize | undefined {
  if (!data.subarray(0, 3).equals(JPEG_START)) return undefined;
  for (let at = 2; at + 9 <= data.length; ) {
    if (data[at] !== 0xff) return undefined;
    const marker = data[at + 1] as number;
    if (marker === 0xff) {
      at += 1;
    } else if (isFrameHeader(marker)) {
      return sizeOf(data.readUInt16BE(at + 7), data.readUInt16BE(at + 5));
    } else {
      at += 2 + Math.max(2, data.readUInt16BE(at + 2));
    }
  }
  return undefined;
}

/** SOF0 to SOF15, without the three markers between them that mean something else. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function sizeOf(width: number, height: number): ImageSize | undefined {
  return width > 0 && height > 0 ? { width, height } : undefined;
}
