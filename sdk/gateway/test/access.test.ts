import { once } from 'node:events';
import { chmod, chown, lstat, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Ping } from '@limiquantix/agent-proto';
import { describe, expect, test, vi } from 'vitest';
import { createGateway } from '../src/gateway.ts';
import {
  type Answer,
  type GatewayUnderTest,
  startGateway,
  temporaryDirectory,
} from './gateway-under-test.ts';
import { on } from './scripted-agent.ts';

/** With headers that fetch does not let through. */
function raw(
  { url }: GatewayUnderTest,
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<Answer & { readonly headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { headers, method, agent: false }, async (response) => {
      const chunks = await response.toArray();
      const text = Buffer.concat(chunks).toString();
      const body = text === '' ? undefined : JSON.parse(text);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    });
    sent.on('error', reject).end();
  });
}

describe('token', () => {
  const path = '/api/v1/vms';

  test.each([
    ['none', {}],
    ['a wrong one', { authorization: `Bearer ${'x'.repeat(43)}` }],
    ['a shorter one', { authorization: 'Bearer x' }],
    ['another scheme', { authorization: 'Basic eDp4' }],
  ])('%s: 401', async (_what, headers) => {
    const under = await startGateway();
    const answer = await raw(under, path, headers as Record<string, string>);
    expect(answer.status).toBe(401);
    expect(answer.headers).toMatchObject({
      'www-authenticate': expect.stringMatching(/^Bearer/),
      'content-type': 'application/problem+json',
    });
    expect(answer.body).toMatchObject({ code: 'QXGA-3002', status: 401 });
  });

  test('is asked for before a path is known to exist, and before a body is read', async () => {
    const under = await startGateway();
    expect((await raw(under, '/api/v1/nothing', {})).status).toBe(401);
    const headers = { 'content-type': 'application/json', 'content-length': '99999999' };
    expect((await raw(under, '/api/v1/vms/vm/agent/execute', headers, 'POST')).status).toBe(401);
  });

  test('the right one', async () => {
    const under = await startGateway();
    const answer = await raw(under, path, { authorization: `bearer ${under.token}` });
    expect(answer).toMatchObject({ status: 200, body: { vms: [] } });
  });

  test('health needs none and tells nothing', async () => {
    const under = await startGateway();
    expect(await raw(under, '/healthz', {})).toMatchObject({ status: 200, body: { status: 'ok' } });
    const head = await raw(under, '/healthz', {}, 'HEAD');
    expect(head).toMatchObject({ status: 200, body: undefined });
  });
});

test('a caller that asks first is told to send its body only with the token', async () => {
  const under = await startGateway();
  const ask = async (token: string) => {
    const headers = { authorization: `Bearer ${token}`, expect: '100-continue' };
    const sent = request(`${under.url}/api/v1/vms/vm/agent/files/content?path=/f`, {
      ...{ method: 'PUT', agent: false, headers: { ...headers, 'content-length': '2' } },
    });
    let asked = false;
    sent.on('continue', () => {
      asked = true;
      sent.end('ab');
    });
    sent.flushHeaders();
    const [response] = await once(sent, 'response');
    response.resume();
    sent.destroy();
    return { asked, status: response.statusCode };
  };
  expect(await ask('x'.repeat(43))).toEqual({ asked: false, status: 401 });
  expect(await ask(under.token)).toEqual({ asked: true, status: 404 });
});

test('a body without end does not keep a connection whose request was refused', async () => {
  const under = await startGateway();
  const { hostname, port, host } = new URL(under.url);
  const socket = connect(Number(port), hostname);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    socket.write(`POST /api/v1/vms HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000000\r\n\r\n`);
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1.1 401 /);
    const end = once(socket, 'end');
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => socket.write('x', resolve));
      await vi.advanceTimersByTimeAsync(1000);
    }
    await end;
  } finally {
    vi.useRealTimers();
    socket.destroy();
  }
});

test('a connection whose refused request came to its end is kept', async () => {
  const under = await startGateway();
  const { hostname, port, host } = new URL(under.url);
  const socket = connect(Number(port), hostname);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    socket.write(`POST /api/v1/vms HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\n\r\na`);
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1.1 401 /);
    await new Promise((resolve) => socket.write('b', resolve));
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      await vi.advanceTimersByTimeAsync(1000);
    }
    socket.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1.1 200 /);
  } finally {
    vi.useRealTimers();
    socket.destroy();
  }
});

describe('Host', () => {
  test.each([
    'evil.example',
    'evil.example:PORT',
    'localhost:1',
    'localhost',
    '127.0.0.1.evil:PORT',
  ])('%s: 403', async (host) => {
    const under = await startGateway();
    const { port } = new URL(under.url);
    const authorization = `Bearer ${under.token}`;
    const answer = await raw(under, '/api/v1/vms', {
      authorization,
      host: host.replace('PORT', port),
    });
    expect(answer.status).toBe(403);
    expect(answer.body.detail).toContain('Host header');
  });

  test.each([
    '127.0.0.1:PORT',
    'LOCALHOST:PORT',
    '[::1]:PORT',
    'node-7.example',
    'node-7.example:8',
  ])('%s: taken', async (host) => {
    const under = await startGateway({ allowHosts: ['Node-7.example'] });
    const { port } = new URL(under.url);
    const answer = await raw(under, '/healthz', { host: host.replace('PORT', port) });
    expect(answer.status).toBe(200);
  });
});

describe('token file', () => {
  async function fileIn(content?: string, mode = 0o600): Promise<string> {
    const path = join(await temporaryDirectory(), 'token');
    if (content !== undefined) {
      await writeFile(path, content);
      await chmod(path, mode);
    }
    return path;
  }

  const start = async (tokenFile: string) =>
    createGateway({
      tokenFile,
      vmsDir: await temporaryDirectory(),
      listen: '127.0.0.1:0',
      logLevel: 'silent',
    }).listen();

  test('is made for its owner alone, with nothing left beside it', async () => {
    const directory = await temporaryDirectory();
    const tokenFile = join(directory, 'new', 'token');
    const { token } = await startGateway({ tokenFile });
    expect((await lstat(tokenFile)).mode & 0o777).toBe(0o600);
    expect(Buffer.from(token, 'base64url').length).toBe(32);
    expect(await readdir(join(directory, 'new'))).toEqual(['token']);
  });

  test('stays the same', async () => {
    const tokenFile = await fileIn(`${'t'.repeat(40)}\n`);
    const { token } = await startGateway({ tokenFile });
    expect(token).toBe('t'.repeat(40));
    expect(await readFile(tokenFile, 'utf8')).toBe(`${'t'.repeat(40)}\n`);
  });

  test.each([0o640, 0o604, 0o660])('of mode %o is refused', async (mode) => {
    const tokenFile = await fileIn('t'.repeat(40), mode);
    await expect(start(tokenFile)).rejects.toThrow(`0${mode.toString(8)}`);
  });

  test.each(['', 'short', `${'t'.repeat(40)} ${'t'.repeat(40)}`])(
    'with %j is refused',
    async (content) => {
      await expect(start(await fileIn(content))).rejects.toThrow('holds no token');
    },
  );

  test('of another user, or behind a link, is refused', async () => {
    const target = await fileIn('t'.repeat(40));
    const link = join(await temporaryDirectory(), 'token');
    await symlink(target, link);
    await expect(start(link)).rejects.toThrow();
    if (process.getuid?.() === 0) {
      await chown(target, 12345, 12345);
      await expect(start(target)).rejects.toThrow('user 12345');
    }
  });
});

describe('VM ids', () => {
  test.each(['..', '%2e%2e', '..%2Fvm', 'vm%2F', 'VM', 'vm%00', '%252e', 'x'.repeat(300)])(
    '%s is no VM',
    async (id) => {
      const under = await startGateway();
      await under.addVm(
        'vm',
        on(Ping, () => ({})),
      );
      const authorization = `Bearer ${under.token}`;
      const answer = await raw(under, `/api/v1/vms/${id}/agent/ping`, { authorization }, 'POST');
      expect([400, 404]).toContain(answer.status);
    },
  );

  test('percent-encoded ones are decoded once', async () => {
    const { fetch, addVm } = await startGateway();
    await addVm(
      'vm',
      on(Ping, () => ({ version: '1' })),
    );
    const response = await fetch('/vms/%76m/agent/ping', { method: 'POST' });
    expect(await response.json()).toMatchObject({ connected: true });
  });
});

describe('listening beyond this machine', () => {
  test.each(['0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'node-7.example:0'])(
    '%s needs a word, for there is no TLS',
    (listen) => {
      expect(() => createGateway({ listen })).toThrow('no TLS');
    },
  );

  test('with it the Host is still checked', async () => {
    const under = await startGateway({ listen: '0.0.0.0:0', allowRemote: true });
    const { port } = new URL(under.url);
    const local = { ...under, url: `http://127.0.0.1:${port}` };
    expect((await raw(local, '/healthz', {})).status).toBe(200);
    expect((await raw(local, '/healthz', { host: `evil.example:${port}` })).status).toBe(403);
  });
});

describe('what is no request', () => {
  test.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['a method that HTTP does not have', 'FLY /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', 400],
    ['headers without an end', `GET /healthz HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`, 431],
  ])('%s is answered with a problem', async (_, text, status) => {
    const { url } = await startGateway();
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    const [head = '', body = ''] = Buffer.concat(await socket.toArray())
      .toString()
      .split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('Content-Type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ code: 'QXGA-2001', status });
  });
});
