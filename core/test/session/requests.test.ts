import { AgentReady, Execute, Ping } from '@limiquantix/agent-proto';
import { requestCodec, seal } from '@limiquantix/agent-proto/codec';
import { frameHeader } from '@limiquantix/agent-proto/frame';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionOptions } from '../../src/session/session.ts';
import { requestFrame } from '../host.ts';
import { type Opened, openSession } from './open-session.ts';

let { host, session, requests }: Opened = {} as Opened;

function open(options: Partial<SessionOptions> = {}): void {
  ({ host, session, requests } = openSession(options));
}

beforeEach(() => open());

/** A frame with this as its message, whatever it is. */
function raw(message: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(message.length);
  return Buffer.concat([header, message]);
}

const arrived = (count: number) => expect.poll(() => requests).toHaveLength(count);

describe('dialects', () => {
  it('speaks plain before it heard the host', async () => {
    session.emit(AgentReady, { version: '1' });
    expect((await host.first(() => true)).dialect).toBe('plain');
  });

  it.each(['plain', 'magic'] as const)('answers %s as it was asked', async (dialect) => {
    host.stream.write(requestFrame('a', Ping, { sequence: 1 }, dialect));
    await arrived(1);
    session.answer('a', Ping, { sequence: 1 });
    expect((await host.first(({ id }) => id === 'a')).dialect).toBe(dialect);
  });

  it.each(['plain', 'magic'] as const)(
    'speaks %s where the configuration says so',
    async (framing) => {
      open({ framing });
      const other = framing === 'plain' ? 'magic' : 'plain';
      host.stream.write(requestFrame('a', Ping, {}, other));
      await arrived(1);
      session.answer('a', Ping, {});
      expect((await host.first(({ id }) => id === 'a')).dialect).toBe(framing);
    },
  );

  it.each([
    ['a length of 0', Buffer.alloc(0)],
    [
      'more than is allowed',
      Buffer.concat([Buffer.from([0x0a, 1, 0x61]), Buffer.alloc(3_000_000)]),
    ],
    ['no message', Buffer.from([0x0a, 1, 0xff])],
  ])('is known from the first frame, though it has %s', async (_, body) => {
    const header = frameHeader('magic', body.length);
    host.stream.write(Buffer.concat([header, body]));
    expect((await host.first(() => true)).dialect).toBe('magic');
  });

  it('goes on in the dialect of the host when stray bytes look like the other one', async () => {
    host.stream.write(requestFrame('a', Ping, {}, 'magic'));
    host.stream.write(raw(Buffer.from([0x0a, 0x01, 0xff])));
    const fault = await host.refusal('');
    expect(fault).toMatchObject({ code: 'QXGA-2001', dialect: 'magic' });
  });
});

describe('what is no request', () => {
  it('refuses a message that cannot be decoded, and goes on', async () => {
    host.stream.write(raw(Buffer.from([0xff, 0xff, 0xff])));
    host.send(Ping, {}, 'next');
    expect(await host.refusal('')).toMatchObject({ code: 'QXGA-2001' });
    await arrived(1);
  });

  it('repeats the id of one whose other fields cannot be decoded', async () => {
    host.stream.write(raw(Buffer.from([0x0a, 1, 0x61, 0x5a, 0x7f, 0x00])));
    expect(await host.refusal('a')).toMatchObject({ code: 'QXGA-2001' });
  });

  it('refuses a frame of length 0, and goes on', async () => {
    host.stream.write(Buffer.alloc(4));
    host.send(Ping, {}, 'next');
    expect(await host.refusal('')).toMatchObject({ code: 'QXGA-2001' });
    await arrived(1);
  });

  it('refuses a message over the limit with its id, skips it, and goes on', async () => {
    const payload = Buffer.alloc(3_000_000);
    host.stream.write(requestFrame('big', Execute, { command: payload.toString('latin1') }));
    host.send(Ping, {}, 'next');
    const { code, message } = await host.refusal('big');
    expect(code).toBe('QXGA-2003');
    expect(message).toContain('2000000 are allowed');
    await arrived(1);
    expect(requests[0]?.id).toBe('next');
  });

  it('refuses a message without a payload', async () => {
    host.stream.write(raw(Buffer.from([0x0a, 0x01, 0x61])));
    expect(await host.refusal('a')).toMatchObject({ code: 'QXGA-2004' });
  });

  it.each([39, 50, 99, 101, 102, 5000])(
    'refuses payload %i, which is no request',
    async (field) => {
      const head = { id: 'a', field, timestamp: 0 };
      host.stream.write(Buffer.concat(seal('plain', head, requestCodec(Ping), {}).parts));
      expect(await host.refusal('a')).toMatchObject({ code: 'QXGA-2002' });
      expect(requests).toHaveLength(0);
    },
  );

  it.each([
    ['no id', '', ''],
    ['one with a blank', 'has a blank', 'has a blank'],
    ['one of 65 letters', 'a'.repeat(65), 'a'.repeat(65)],
    ['one that is not ASCII', 'ü', 'ü'],
    ['one that is too long to repeat', 'a'.repeat(1000), ''],
  ])('refuses %s, and repeats it', async (_, id, echo) => {
    host.stream.write(requestFrame(id, Ping));
    expect(await host.refusal(echo)).toMatchObject({ code: 'QXGA-2005' });
    expect(requests).toHaveLength(0);
  });

  it('refuses an id that is being served, and serves it once', async () => {
    host.send(Ping, {}, 'same');
    host.send(Ping, {}, 'same');
    expect(await host.refusal('same')).toMatchObject({ code: 'QXGA-2005' });
    expect(requests).toHaveLength(1);
  });

  it('finds the next frame after a host left in the middle of one', async () => {
    const cut = requestFrame('cut', Execute, { command: 'x'.repeat(100) });
    host.stream.write(cut.subarray(0, 3));
    host.stream.write(requestFrame('next', Ping));
    await arrived(1);
    expect(requests[0]?.id).toBe('next');
  });
});
