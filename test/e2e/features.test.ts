import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess } from '../support/agent-process.ts';
import { GatewayProcess } from '../support/gateway-process.ts';

let agent: AgentProcess;
let gateway: GatewayProcess;

beforeAll(async () => {
  agent = await AgentProcess.start();
  gateway = await GatewayProcess.start(agent);
});
afterAll(async () => {
  await gateway.stop();
  await agent.stop();
});

async function get(path: string) {
  const answer = await gateway.call('GET', path);
  return { status: answer.status, body: await answer.json() };
}

async function post(path: string, body: unknown) {
  const answer = await gateway.call('POST', path, body);
  return { status: answer.status, body: await answer.json() };
}

describe('the features over REST', () => {
  it('announces every bundled plugin that this guest can run', async () => {
    const { capabilities } = (await get('/capabilities')).body;
    const expected =
      'telemetry execute file_read file_write file_list file_delete directory_create';
    const further =
      'shutdown reboot reset_password configure_network quiesce thaw sync_time process_list process_kill hardware_info software_list';
    expect(capabilities).toEqual(
      expect.arrayContaining([...expected.split(' '), ...further.split(' ')]),
    );
  });

  it('lists processes, and its own agent among them', async () => {
    const { status, body } = await get('/processes?filter=limiquantix-agent&max_entries=50');
    expect(status).toBe(200);
    const own = body.processes.find(({ pid }: { pid: number }) => pid === agent.pid);
    expect(own).toMatchObject({ user: 'root', state: expect.any(String) });
    expect(own.memory_bytes).toBeGreaterThan(1e6);
  });

  it('takes inventory', async () => {
    const hardware = await get('/hardware');
    expect(hardware.body.hardware).toMatchObject({
      cpu: { threads: expect.any(Number), architecture: expect.any(String) },
      os: { kernel: expect.any(String) },
    });
    const software = await get('/software?max_entries=5');
    expect(software.body.software).toHaveLength(5);
    expect(software.body.total_count).toBeGreaterThan(5);
  });
});

describe('what nobody may slip in', () => {
  it.each([
    ['pid 0', '/processes/0/kill', { signal: 9 }, 'QXGA-7002', 403],
    ['pid 1', '/processes/1/kill', { signal: 9 }, 'QXGA-7002', 403],
    ['a pid of 2^31', '/processes/2147483648/kill', { signal: 9 }, 'QXGA-2001', 400],
    ['a signal that no agent sends', '/processes/2/kill', { signal: 64 }, 'QXGA-7002', 400],
    ['an option as a service', '/services/-H%20x/control', { action: 'start' }, 'QXGA-7003', 404],
    [
      '--help as a display',
      '/display/resize',
      { width: 800, height: 600, display_id: '--help' },
      'QXGA-600[17]',
      404,
    ],
    [
      'a second line in an address',
      '/network',
      { interface: 'lo', ip_address: '1.1.1.1\nfoo', netmask: '24' },
      'QXGA-5004',
      400,
    ],
    [
      'a second line in a password',
      '/reset-password',
      { username: 'root', new_password: 'x\nroot:y' },
      'QXGA-5003',
      400,
    ],
    [
      'a password for nobody',
      '/reset-password',
      { username: 'nobody-here', new_password: 'x' },
      'QXGA-5003',
      404,
    ],
    ['a mount point that is an option', '/quiesce', { mount_points: ['--help'] }, 'QXGA-5005', 400],
    ['to delete /', '/files/delete', { path: '/', recursive: true }, 'QXGA-4013', 400],
    ['to delete a mount point', '/files/delete', { path: '/proc' }, 'QXGA-4013', 409],
    ['a thaw of nothing', '/thaw', {}, 'QXGA-5008', 409],
  ])('refuses %s', async (_, path, body, code, status) => {
    const answer = await post(path, body);
    // Where the guest has no services or no display at all, that is said first.
    expect([status, 501]).toContain(answer.status);
    expect(answer.body.code).toMatch(new RegExp(`^(${code}|QXGA-7008|QXGA-2002)$`));
    expect(answer.body.resolution).not.toBe('');
  });

  it('refuses to kill the agent through itself', async () => {
    const { body } = await post(`/processes/${agent.pid}/kill`, { signal: 9 });
    expect(body.code).toBe('QXGA-7002');
  });
});

it('never loads the code of a plugin that is disabled', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qxga-marker-'));
  const marker = join(folder, 'loaded');
  const dir = join(folder, 'plugins/marker');
  mkdirSync(dir, { recursive: true });
  const manifest = {
    sdk: '^1.0.0',
    provides: ['marking'],
    activation: 'onStart',
    platforms: ['linux'],
  };
  const found = { name: 'marker', version: '1.0.0', main: 'plugin.cjs', limiquantix: manifest };
  writeFileSync(join(dir, 'package.json'), JSON.stringify(found), { mode: 0o644 });
  writeFileSync(
    join(dir, 'plugin.cjs'),
    `require('fs').writeFileSync(${JSON.stringify(marker)}, 'loaded'); exports.activate = () => ({});`,
    { mode: 0o644 },
  );
  const start = async (enabled: boolean) => {
    const config = `plugin_dirs: [${folder}/plugins]\nplugins: {marker: {enabled: ${enabled}}}\n`;
    const other = await AgentProcess.start({ config });
    await other.stop();
  };
  await start(false);
  expect(() => readFileSync(marker)).toThrow('ENOENT');
  await start(true);
  expect(readFileSync(marker, 'utf8')).toBe('loaded');
  rmSync(folder, { recursive: true });
});
