import { AgentError, CATALOGUE, type ErrorName, Execute } from '@limiquantix/agent-proto';
import { beforeEach, describe, expect, test } from 'vitest';
import { startVm } from './gateway-under-test.ts';
import { on } from './scripted-agent.ts';

const { ask, fetch, agent } = await startVm(
  // Fails with the error that the command names.
  on(Execute, ({ command }) => {
    throw new AgentError(command as ErrorName, { detail: 'd', context: 'c', resolution: 'r' });
  }),
);

beforeEach(() => {
  agent.calls.length = 0;
});

describe('a request that cannot be right names the field and what it takes', () => {
  test.each([
    ['/execute', {}, 'command is required'],
    ['/execute', { command: '' }, 'command must be text that is not empty'],
    ['/execute', { command: 'id', args: 'x' }, 'args must be a list'],
    ['/execute', { command: 'id', args: [1] }, 'args.0 must be text'],
    [
      '/execute',
      { command: 'id', timeout_seconds: '30' },
      'timeout_seconds must be a whole number',
    ],
    ['/execute', { command: 'id', timeout_seconds: -1 }, 'from 0 to 4294967295'],
    ['/execute', { command: 'id', timeout_seconds: 2 ** 32 }, 'from 0 to 4294967295'],
    ['/execute', { command: 'id', timeoutSeconds: 1 }, 'timeoutSeconds is no field'],
    ['/execute', { command: 'id', environment: { A: 1 } }, 'environment.A must be text'],
    ['/execute', { command: 'id', include_supplementary_groups: 'yes' }, 'must be true or false'],
    ['/execute', [], 'body must be an object'],
    ['/execute', null, 'body must be an object'],
    ['/files/read', { path: '/f', offset: 1.5 }, 'offset must be a whole number'],
    ['/files/write', { path: '/f', content: 'x', encoding: 'utf8' }, 'one of utf-8, base64'],
    ['/files/write', { path: '/f', data: 'x' }, 'content is required'],
    ['/files/write', { path: '/f', content: 'x', data: 'x' }, 'data is no field'],
    ['/files/write', { path: '/f', content: 'x', mode: 644 }, 'give "0644" for the permissions'],
    ['/files/write', { path: '/f', content: 'x', mode: '0899' }, 'mode must be permission bits'],
    ['/files/write', { path: '/f', content: 'x', mode: 4096 }, 'mode must be permission bits'],
    ['/files/mkdir', { path: '/d', mode: 755 }, 'give "0755" for the permissions'],
    ['/processes/42/kill', { signal: 0 }, 'signal must be a whole number from 1 to 64'],
    ['/processes/42/kill', { pid: 1 }, 'pid is no field'],
    ['/processes/abc/kill', {}, 'pid must be a whole number'],
    ['/processes/-1/kill', {}, 'pid must be a whole number'],
    ['/services/x/control', { action: 'reload' }, 'one of start, stop, restart, enable, disable'],
    ['/services/x/control', { action: 6 }, 'action must be one of'],
    ['/display/resize', { width: 0, height: 1 }, 'width must be a whole number from 1 to 16384'],
    ['/clipboard', { type: 'sound', data: 'x' }, 'type must be one of text, image, files, html'],
    ['/shutdown', {}, 'type is required'],
    ['/sync-time', { set_time: 'yesterday' }, 'set_time must be a time'],
    ['/ping', { x: 1 }, 'x is no field'],
  ])('%s %j', async (path, body, detail) => {
    const answer = await ask(path, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'QXGA-2001', name: 'INVALID_MESSAGE', status: 400 });
    expect(answer.body.detail).toContain(detail);
    expect(agent.calls).toEqual([]);
  });

  test.each([
    ['/processes?max_entries=ten', 'max_entries must be a whole number'],
    ['/processes?include_threads=maybe', 'include_threads must be one of true, false'],
    ['/processes?limit=3', 'limit is no field of this request'],
    ['/processes?filter=a&filter=b', 'filter must be text'],
    ['/files/content', 'path is required'],
  ])('GET %s', async (path, detail) => {
    const answer = await ask(path);
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toContain(detail);
    expect(agent.calls).toEqual([]);
  });

  test.each([
    ['{"command":', 'application/json', 400],
    ['{"__proto__": {"command": "id"}}', 'application/json', 400],
    ['command=id', 'application/x-www-form-urlencoded', 415],
    ['id', 'text/plain', 415],
  ])('%s as %s', async (body, type, status) => {
    const headers = { 'content-type': type };
    const response = await fetch('/execute', { method: 'POST', headers, body });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const { code, resolution } = (await response.json()) as { code: string; resolution: string };
    expect(code).toBe('QXGA-2001');
    expect(resolution).toContain(
      status === 415 ? 'Content-Type: application/json' : 'Correct the request',
    );
    expect(agent.calls).toEqual([]);
  });

  test('a secret is not repeated', async () => {
    const { body } = await ask('/reset-password', { username: 1, new_password: 'canary-7' });
    expect(JSON.stringify(body)).not.toContain('canary-7');
  });
});

describe('paths and methods', () => {
  test('an unknown path', async () => {
    const response = await fetch('/nothing');
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('is no route');
  });

  test('a method that a path does not take', async () => {
    const response = await fetch('/clipboard?x=1', { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
  });

  test('a path that does not decode', async () => {
    const response = await fetch('/%zz', { method: 'POST' });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
});

describe('every error of the catalogue has a status', () => {
  const expected: Record<number, readonly number[]> = {
    400: [2001, 2004, 2005, 4005, 4006, 4012, 6002, 6006],
    403: [3002, 3004, 4002, 4007, 4008, 4009, 7002, 8002, 8003],
    404: [3001, 3005, 3006, 3008, 4001, 4004, 6001, 6005, 7001, 7003],
    409: [4003, 5007, 5008, 7006, 7007],
    413: [2003, 4011],
    429: [8001],
    501: [2002, 6007, 6008, 7008],
    503: [1001, 1002, 1003, 1004, 1005, 1006, 1007],
    504: [3003],
    507: [4010],
  };
  const names = Object.keys(CATALOGUE) as ErrorName[];

  test.each(names)('%s', async (name) => {
    const [code] = CATALOGUE[name];
    const row = Object.entries(expected).find(([, codes]) => codes.includes(code));
    const { status, body } = await ask('/execute', { command: name });
    expect(status).toBe(Number(row?.[0] ?? 502));
    expect(body).toMatchObject({ status, code: `QXGA-${code}`, name });
    expect(body.context).toContain('c');
  });
});
