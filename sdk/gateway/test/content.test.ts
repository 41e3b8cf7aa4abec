import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { AgentError, FileRead, FileWrite, GetCapabilities } from '@limiquantix/agent-proto';
import { describe, expect, test } from 'vitest';
import { startGateway, startVm } from './gateway-under-test.ts';
import { readable, WrittenFile } from './guest-file.ts';
import { on } from './scripted-agent.ts';

const CONTENT = '/files/content?path=%2Ftmp%2Ffile';
const MIB = 1024 * 1024;

describe('GET files/content', () => {
  const file = randomBytes(300_000);

  test('the whole file', async () => {
    const { fetch, agent } = await startVm(readable(file));
    const response = await fetch(CONTENT);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-length')).toBe('300000');
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(response.headers.get('last-modified')).toBe('Sun, 25 Jan 2026 10:10:00 GMT');
    expect(file.equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
    expect(agent.calls[0]?.request).toMatchObject({ path: '/tmp/file' });
  });

  test.each([
    ['bytes=0-9', 0, 10],
    ['bytes=70000-', 70_000, 300_000],
    ['bytes=-100', 299_900, 300_000],
    ['bytes=65530-65545', 65_530, 65_546],
    ['bytes=299999-400000', 299_999, 300_000],
  ])('a part: %s', async (range, start, end) => {
    const { fetch } = await startVm(readable(file));
    const response = await fetch(CONTENT, { headers: { range } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/300000`);
    const body = Buffer.from(await response.arrayBuffer());
    expect(body.equals(file.subarray(start, end))).toBe(true);
  });

  test('a part that does not exist', async () => {
    const { fetch } = await startVm(readable(file));
    const response = await fetch(CONTENT, { headers: { range: 'bytes=300000-' } });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */300000');
    expect(await response.json()).toMatchObject({ code: 'QXGA-4012', status: 416 });
  });

  test('several parts at once are not taken: the whole comes', async () => {
    const { fetch } = await startVm(readable(file));
    const response = await fetch(CONTENT, { headers: { range: 'bytes=0-1,5-6' } });
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(300_000);
  });

  test('a download goes on only with the same file', async () => {
    const { fetch } = await startVm(readable(file));
    const etag = (await fetch(CONTENT, { method: 'HEAD' })).headers.get('etag') as string;
    const range = 'bytes=10-19';
    const same = await fetch(CONTENT, { headers: { range, 'if-range': etag } });
    const other = await fetch(CONTENT, { headers: { range, 'if-range': '"other"' } });
    const known = await fetch(CONTENT, { headers: { 'if-none-match': etag } });
    expect([same.status, other.status, known.status]).toEqual([206, 200, 304]);
    expect((await other.arrayBuffer()).byteLength).toBe(300_000);
  });

  test('HEAD has no body', async () => {
    const { fetch } = await startVm(readable(file));
    const response = await fetch(CONTENT, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('300000');
    expect(await response.text()).toBe('');
  });

  test('an empty file', async () => {
    const { fetch } = await startVm(readable(Buffer.alloc(0)));
    const response = await fetch(CONTENT);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('0');
  });

  test('a file of /proc, whose size nobody knows', async () => {
    const { fetch } = await startVm(readable(file, 0));
    const response = await fetch(CONTENT, { headers: { range: 'bytes=0-9' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBeNull();
    expect(file.equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
  });

  test('a file that becomes shorter breaks off', async () => {
    const { fetch } = await startVm(readable(file, 400_000));
    const response = await fetch(CONTENT);
    expect(response.headers.get('content-length')).toBe('400000');
    await expect(response.arrayBuffer()).rejects.toThrow();
  });

  test('a file that is not there', async () => {
    const { fetch } = await startVm(
      on(FileRead, () => {
        throw new AgentError('FILE_NOT_FOUND', { detail: '/tmp/file' });
      }),
    );
    const response = await fetch(CONTENT);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'QXGA-4001' });
  });

  test('50 MiB to a slow reader stay in the guest until they are taken', async () => {
    const size = 50 * MIB;
    const chunk = randomBytes(64 * 1024);
    let read = 0;
    const { fetch } = await startVm(
      on(FileRead, ({ offset }) => {
        read = Math.max(read, Number(offset) + chunk.length);
        const eof = Number(offset) + chunk.length === size;
        return { data: chunk, eof, totalSize: size, offset };
      }),
    );
    const response = await fetch(CONTENT);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const hash = createHash('sha256');
    let taken = 0;
    let most = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      hash.update(value);
      taken += value.length;
      if (taken < 5 * MIB) await new Promise((resolve) => setTimeout(resolve, 5));
      most = Math.max(most, read - taken);
    }
    const expected = createHash('sha256');
    for (let i = 0; i < size / chunk.length; i++) expected.update(chunk);
    expect(hash.digest('hex')).toBe(expected.digest('hex'));
    // What is in flight, and the sockets' own buffers on both sides.
    expect(most).toBeLessThan(24 * MIB);
  }, 60_000);
});

describe('PUT files/content', () => {
  function put(body: RequestInit['body'] | AsyncIterable<Uint8Array>): RequestInit {
    return { method: 'PUT', body: body as RequestInit['body'] as never, duplex: 'half' } as never;
  }

  test('a file, with its mode', async () => {
    const written = new WrittenFile();
    const { fetch } = await startVm(...written.lines());
    const query = '&mode=0750&create_parents=true&sync=true';
    const response = await fetch(CONTENT + query, put('Hello'));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ bytes_written: 5 });
    expect(written.first).toMatchObject({
      path: '/tmp/file',
      data: Buffer.from('Hello'),
      truncate: true,
      mode: 0o750,
      createParents: true,
      sync: true,
    });
  });

  test('a mode is octal with a leading 0, else decimal', async () => {
    const written = new WrittenFile();
    const { fetch } = await startVm(...written.lines());
    await fetch(`${CONTENT}&mode=420`, put('x'));
    expect(written.first?.mode).toBe(0o644);
    const meant = await fetch(`${CONTENT}&mode=644`, put('x'));
    expect(meant.status).toBe(400);
    expect(await meant.text()).toContain('give \\"0644\\"');
    const wrong = await fetch(`${CONTENT}&mode=0999`, put('x'));
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).toContain('mode must be permission bits');
  });

  test('an empty file, of any type', async () => {
    const written = new WrittenFile();
    const { fetch } = await startVm(...written.lines());
    const headers = { 'content-type': 'text/x-nothing' };
    const response = await fetch(CONTENT, { ...put(''), headers });
    expect(await response.json()).toEqual({ bytes_written: 0 });
    expect(written.first).toMatchObject({ truncate: true });
  });

  test('50 MiB stay with the sender until the guest takes them', async () => {
    const chunk = randomBytes(MIB);
    const written = new WrittenFile();
    let sent = 0;
    let most = 0;
    const slowly = async () => {
      if (written.bytes < 5 * MIB) await new Promise((resolve) => setTimeout(resolve, 5));
      most = Math.max(most, sent - written.bytes);
    };
    const { fetch } = await startVm(...written.lines(slowly));
    const expected = createHash('sha256');
    const body = async function* () {
      for (let i = 0; i < 50; i++) {
        expected.update(chunk);
        sent += chunk.length;
        yield chunk;
      }
    };
    const response = await fetch(CONTENT, put(body()));
    expect(await response.json()).toEqual({ bytes_written: 50 * MIB });
    expect(written.digest()).toBe(expected.digest('hex'));
    expect(most).toBeLessThan(24 * MIB);
  });

  test('an upload that fails is answered, and the connection goes on', async () => {
    const { gateway, token, addVm } = await startGateway();
    const { vmId } = await addVm(
      'vm',
      on(GetCapabilities, () => ({ maxChunkBytes: 65_536 })),
      on(FileWrite, () => {
        throw new AgentError('DISK_FULL');
      }),
    );
    const { host, port, hostname } = new URL(gateway.address as string);
    const socket = connect(Number(port), hostname);
    const size = 20 * MIB;
    socket.write(
      `PUT /api/v1/vms/${vmId}/agent${CONTENT} HTTP/1.1\r\nHost: ${host}\r\n` +
        `Authorization: Bearer ${token}\r\nContent-Length: ${size}\r\n\r\n`,
    );
    socket.write(Buffer.alloc(size));
    socket.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const answers = Buffer.concat(await socket.toArray()).toString();
    expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 507', 'HTTP/1.1 200']);
    expect(answers).toContain('QXGA-4010');
  });

  test('a part of a file is not taken for the whole', async () => {
    const { fetch } = await startVm();
    const headers = { 'content-range': 'bytes 0-4/10' };
    const response = await fetch(CONTENT, { ...put('Hello'), headers });
    expect(response.status).toBe(400);
  });
});
