import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClipboardType } from '@limiquantix/plugin-sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xauthority } from '../../display/test/desktops.ts';
import { contentProblem, declaredMime, HTML, JPEG, PNG, TEXT } from '../src/content.ts';
import { jpegSize, pngSize } from '../src/image-size.ts';
import { encodePacket, PacketReader } from '../src/packets.ts';
import { utf8OfHtml, utf8OfText } from '../src/session/text.ts';
import { globalsOf } from '../src/session/wayland/globals.ts';
import { cookieOf } from '../src/session/x11/authority.ts';
import { jpeg, png, pngOf } from './images.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));

describe('an image', () => {
  it('tells its size', () => {
    expect(pngSize(png(40, 30))).toEqual({ width: 40, height: 30 });
    expect(jpegSize(jpeg(400, 300))).toEqual({ width: 400, height: 300 });
    expect(pngSize(jpeg(1, 1))).toBeUndefined();
    expect(jpegSize(png(1, 1))).toBeUndefined();
  });

  it('that would fill the memory of whoever draws it is refused', () => {
    expect(contentProblem(PNG, png(40, 30))).toBeUndefined();
    expect(contentProblem(PNG, pngOf(60_000, 60_000, Buffer.alloc(10)))).toContain('60000x60000');
    expect(contentProblem(JPEG, jpeg(65_535, 65_535))).toContain('65535x65535');
    expect(contentProblem(PNG, pngOf(0, 1, Buffer.alloc(10)))).toContain('no PNG');
  });

  it('may be any bytes', () => {
    const begun = fc.tuple(fc.constantFrom(png(2, 2), jpeg(2, 2)), fc.nat(60), bytes);
    fc.assert(
      fc.property(begun, ([image, keep, rest]) => {
        const data = Buffer.concat([image.subarray(0, keep), rest]);
        for (const size of [pngSize(data), jpegSize(data)]) {
          if (size) expect(size.width * size.height).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe('what a host declares', () => {
  const { TEXT: text, IMAGE, FILES, HTML: html } = ClipboardType;
  it.each([
    [text, '', TEXT],
    [text, 'text/plain', TEXT],
    [text, 'Text/Plain; charset="UTF-8"', TEXT],
    [text, 'text/plain;charset=iso-8859-1', undefined],
    [text, 'text/html', undefined],
    [html, 'text/html', HTML],
    [html, '', HTML],
    [IMAGE, 'image/png', PNG],
    [IMAGE, 'image/jpeg', JPEG],
    [IMAGE, 'image/gif', undefined],
    [FILES, 'text/uri-list', undefined],
  ])('%i as %j is %s', (type, mime, expected) => {
    expect(declaredMime(type, mime, Buffer.alloc(0))).toBe(expected);
  });

  it('without a name is what it looks like', () => {
    expect(declaredMime(IMAGE, '', png(1, 1))).toBe(PNG);
    expect(declaredMime(IMAGE, '', jpeg(1, 1))).toBe(JPEG);
  });
});

describe('text', () => {
  it('comes as UTF-8 whatever it was', () => {
    expect(utf8OfText(Buffer.from('zürich\0'), false).toString()).toBe('zürich');
    expect(utf8OfText(Buffer.from('zürich', 'latin1'), false).toString()).toBe('zürich');
    expect(utf8OfText(Buffer.from('zürich', 'latin1'), true).toString()).toBe('zürich');
    expect(utf8OfHtml(Buffer.from('\ufeff<b>ü</b>', 'utf16le')).toString()).toBe('<b>ü</b>');
    expect(utf8OfHtml(Buffer.from('\ufeff<b>ü</b>')).toString()).toBe('<b>ü</b>');
  });
});

describe('packets', () => {
  const packet = fc.record({ head: fc.dictionary(fc.string(), fc.jsonValue()), data: bytes });

  it('arrive as they were sent, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(packet, { maxLength: 5 }),
        fc.integer({ min: 1, max: 64 }),
        (sent, cut) => {
          const stream = Buffer.concat(sent.map(({ head, data }) => encodePacket(head, data)));
          const reader = new PacketReader(300);
          const received = [];
          for (let at = 0; at < stream.length; at += cut) {
            received.push(...reader.push(stream.subarray(at, at + cut)));
          }
          expect(received.map(({ head, data }) => [head, Buffer.from(data)])).toEqual(
            sent.map(({ head, data }) => [JSON.parse(JSON.stringify(head)), data]),
          );
        },
      ),
    );
  });

  it('that are longer than agreed are refused before they are there', () => {
    const long = encodePacket({}, Buffer.alloc(301));
    expect(() => new PacketReader(300).push(long.subarray(0, 8))).toThrow('longer than agreed');
    expect(() => new PacketReader(300).push(Buffer.alloc(8, 0xff))).toThrow('longer than agreed');
  });

  it('may be any bytes', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        try {
          new PacketReader(300).push(data);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

describe('an Xauthority file', () => {
  const cookie = Buffer.from('0123456789abcdef');

  it('has the cookie of a display', () => {
    const file = Buffer.concat([
      xauthority({ display: '7', cookie: Buffer.alloc(16) }),
      xauthority({ display: '3', cookie: Buffer.alloc(16), family: 0 }),
      xauthority({ display: '3', cookie }),
    ]);
    expect(cookieOf(file, 3)?.data).toEqual(cookie);
    expect(cookieOf(file, 33)).toBeUndefined();
    expect(cookieOf(xauthority({ display: '', cookie }), 33)?.data).toEqual(cookie);
  });

  it('may be any bytes', () => {
    fc.assert(fc.property(bytes, fc.nat(10), (file, display) => void cookieOf(file, display)));
  });
});

describe('a compositor', () => {
  it('that sends nonsense is refused', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lqx-globals-'));
    const path = join(folder, 'wayland-0');
    let answer = (socket: Socket) => void socket.end();
    const server = createServer((socket) => {
      socket.on('error', () => {});
      answer(socket);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    try {
      await expect(globalsOf(path)).rejects.toThrow('closed');
      answer = (socket) => void socket.write(Buffer.alloc(400_000));
      await expect(globalsOf(path)).rejects.toThrow('no message');
      await expect(globalsOf(join(folder, 'nothing'))).rejects.toThrow('ENOENT');
    } finally {
      server.close();
      rmSync(folder, { recursive: true });
    }
  });
});
