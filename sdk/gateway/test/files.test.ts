import { AgentError, FileWrite, type FileWriteRequest } from '@limiquantix/agent-proto';
import { describe, expect, test } from 'vitest';
import { startVm } from './gateway-under-test.ts';
import { readable } from './guest-file.ts';
import { on } from './scripted-agent.ts';

describe('files/read', () => {
  test('a text', async () => {
    const { ask } = await startVm(readable(Buffer.from('127.0.0.1 localhost\n')));
    expect(await ask('/files/read', { path: '/etc/hosts' })).toEqual({
      status: 200,
      body: {
        success: true,
        content: '127.0.0.1 localhost\n',
        encoding: 'utf-8',
        size_bytes: 20,
        total_size: 20,
        eof: true,
        offset: 0,
        mode: 0o644,
        modified_at: '2026-01-25T10:10:00.123Z',
      },
    });
  });

  test('what is no text comes as base64', async () => {
    const bytes = Buffer.from([0, 0xff, 1, 2]);
    const { ask } = await startVm(readable(bytes));
    const { body } = await ask('/files/read', { path: '/bin/x' });
    expect(body).toMatchObject({ encoding: 'base64', size_bytes: 4, eof: true });
    expect(Buffer.from(body.content, 'base64')).toEqual(bytes);
  });

  test('an empty file', async () => {
    const { ask } = await startVm(readable(Buffer.alloc(0)));
    const { body } = await ask('/files/read', { path: '/empty' });
    expect(body).toMatchObject({ content: '', encoding: 'utf-8', size_bytes: 0, eof: true });
  });

  test('a whole file of many chunks', async () => {
    const text = 'äöü€😀'.repeat(40_000);
    const { ask } = await startVm(readable(Buffer.from(text)));
    const { body } = await ask('/files/read', { path: '/long' });
    expect(body.eof).toBe(true);
    expect(body.content === text).toBe(true);
  });

  test('a longer file goes on where the answer ends, between two characters', async () => {
    const text = '€'.repeat(500_000);
    const { ask } = await startVm(readable(Buffer.from(text)));
    const parts: string[] = [];
    let offset = 0;
    for (;;) {
      const { body } = await ask('/files/read', { path: '/long', offset });
      expect(body).toMatchObject({ encoding: 'utf-8', offset, total_size: 1_500_000 });
      parts.push(body.content);
      offset += body.size_bytes;
      if (body.eof) break;
    }
    expect(parts.length).toBe(2);
    expect(parts.join('') === text).toBe(true);
  });

  test('max_bytes less than a character gives its bytes', async () => {
    const { ask } = await startVm(readable(Buffer.from('€')));
    const { body } = await ask('/files/read', { path: '/f', max_bytes: 2 });
    expect(body).toMatchObject({ encoding: 'base64', content: '4oI=', size_bytes: 2, eof: false });
  });
});

describe('files/write', () => {
  const lines = on(FileWrite, ({ data }) => ({ bytesWritten: data.length }));

  test('replaces the file', async () => {
    const { ask, agent } = await startVm(lines);
    const request = { path: '/tmp/test.txt', content: 'Hello, World!', mode: 420 };
    const { status, body } = await ask('/files/write', request);
    expect(status).toBe(200);
    expect(body).toMatchObject({ bytes_written: 13 });
    expect(agent.calls[0]?.request).toMatchObject({
      path: '/tmp/test.txt',
      data: Buffer.from('Hello, World!'),
      truncate: true,
      mode: 0o644,
    });
  });

  test('at an offset leaves the rest', async () => {
    const { ask, agent } = await startVm(lines);
    await ask('/files/write', { path: '/f', content: 'x', offset: 0 });
    await ask('/files/write', { path: '/f', content: 'x', offset: '9', truncate: true });
    expect(agent.calls).toMatchObject([
      { request: { offset: 0, truncate: false } },
      { request: { offset: 9, truncate: true } },
    ]);
    // Absent is not 0: the agent then keeps the file's own.
    expect(agent.calls[0]?.request).toMatchObject({ mode: undefined });
  });

  test('takes 4 MiB of base64', async () => {
    const { ask, agent } = await startVm(lines);
    const content = Buffer.alloc(4 * 1024 * 1024 - 8192, 0xff).toString('base64');
    const { status } = await ask('/files/write', { path: '/f', content, encoding: 'base64' });
    expect(status).toBe(200);
    const written = agent.calls.map(({ request }) => (request as FileWriteRequest).data.length);
    expect(written).toEqual([4_186_112]);
  });

  test.each([
    ['base64 without padding', 'AAA', 'base64'],
    ['base64 in lines', 'AAAA\nAAA', 'base64'],
    ['base64 with more behind', 'AA==AAAA', 'base64'],
    ['base64url', 'A-_=', 'base64'],
    ['a lone surrogate', '\ud800', 'utf-8'],
  ])('refuses %s', async (_what, content, encoding) => {
    const { ask, agent } = await startVm(lines);
    const { status, body } = await ask('/files/write', { path: '/f', content, encoding });
    expect(status).toBe(400);
    expect(body.detail).toContain('content must be');
    expect(agent.calls).toEqual([]);
  });

  test('what the agent finds too long is to be sent the other way', async () => {
    const { ask } = await startVm(
      on(FileWrite, () => {
        throw new AgentError('MESSAGE_TOO_LARGE');
      }),
    );
    const { status, body } = await ask('/files/write', { path: '/f', content: 'x' });
    expect(status).toBe(413);
    expect(body.resolution).toContain('files/content');
  });

  test('unless the agent knows a better way', async () => {
    const { ask } = await startVm(
      on(FileWrite, () => {
        throw new AgentError('MESSAGE_TOO_LARGE', { detail: 'a list', resolution: 'Use stdin' });
      }),
    );
    const { status, body } = await ask('/files/write', { path: '/f', content: 'x' });
    expect(status).toBe(413);
    expect(body.detail).toContain('a list');
    expect(body.resolution).toBe('Use stdin');
  });

  test('so is what is longer than any body', async () => {
    const { ask } = await startVm(lines);
    const content = 'x'.repeat(8 * 1024 * 1024);
    const { status, body } = await ask('/files/write', { path: '/f', content });
    expect(status).toBe(413);
    expect(body).toMatchObject({ code: 'QXGA-2003', name: 'MESSAGE_TOO_LARGE' });
    expect(body.resolution).toContain('files/content');
  });
});
