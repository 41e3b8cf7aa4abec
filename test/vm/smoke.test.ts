import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Guest, restoreGuest, snapshot } from './support/guest.ts';

/** What each machine says of itself. */
const MACHINES = {
  amd64: { name: 'x86_64', cpu: { vendor: 'GenuineIntel', threads: 2 } },
  arm64: { name: 'aarch64', cpu: { model: 'Cortex-A72', vendor: 'ARM', threads: 2 } },
} as const;

const { architecture } = snapshot().image;
const machine = MACHINES[architecture];

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest();
});
afterAll(() => guest?.stop());

it(`is the package for ${architecture}, whole`, async () => {
  const format = '$' + '{Architecture} $' + '{db:Status-Status}';
  const query = `dpkg-query -W -f='${format}' limiquantix-guest-agent`;
  expect(await guest.ok(query)).toBe(`${architecture} installed`);
  // Of a guest's image documentation is left out.
  const verify = 'dpkg --verify limiquantix-guest-agent | grep -Ev "/usr/share/(doc|man)"';
  expect((await guest.run(verify)).stdout).toBe('');
});

it('answers', async () => {
  const { body } = await guest.rest('POST', '/ping');
  expect(body).toMatchObject({ connected: true });
  const { body: able } = await guest.rest('GET', '/capabilities');
  expect(able.architecture).toBe(machine.name);
});

it('executes, with outputs that a command can open by name', async () => {
  const command = 'uname -m; echo told >/dev/stderr; exit 3';
  const { status, body } = await guest.rest('POST', '/execute', { command });
  expect(status).toBe(200);
  // Only pipes of the C library's making can be opened: its functions are called.
  expect(body).toMatchObject({
    exit_code: 3,
    stdout: `${machine.name}\n`,
    stderr: 'told\n',
  });
});

it('executes as another user, and ends what takes too long', async () => {
  const asNobody = { command: 'id -un', run_as_user: 'nobody' };
  const { body } = await guest.rest('POST', '/execute', asNobody);
  expect(body).toMatchObject({ exit_code: 0, stdout: 'nobody\n' });
  const { body: late } = await guest.rest('POST', '/execute', {
    command: 'sleep 600',
    timeout_seconds: 1,
  });
  expect(late).toMatchObject({ exit_code: -1, timed_out: true });
});

it('writes a file and reads it back', async () => {
  const file = { path: '/data/smoke/file', content: 'Größe\n' };
  const written = await guest.rest('POST', '/files/write', { ...file, create_parents: true });
  expect(written.status).toBe(200);
  expect(await guest.ok(`cat ${file.path}`)).toBe(file.content.trim());
  const { body } = await guest.rest('POST', '/files/read', { path: file.path });
  expect(body).toMatchObject({ content: file.content, eof: true });
});

it('knows its machine', async () => {
  const { body } = await guest.rest('GET', '/hardware');
  expect(body.hardware.cpu).toMatchObject({ architecture: machine.name, ...machine.cpu });
});

it('freezes a filesystem and thaws it', async () => {
  const mountPoints = { mount_points: ['/data'] };
  const { body: frozen } = await guest.rest('POST', '/quiesce', mountPoints);
  expect(frozen).toMatchObject({ frozen: [{ mount_point: '/data', frozen: true }] });
  const { status, body: thawed } = await guest.rest('POST', '/thaw');
  expect([status, thawed]).toMatchObject([200, { thawed_mount_points: ['/data'] }]);
});

it('reports', async () => {
  await expect
    .poll(async () => (await guest.rest('GET', '/telemetry')).status, { timeout: 60_000 })
    .toBe(200);
  const { body } = await guest.rest('GET', '/telemetry');
  expect(body).toMatchObject({ hostname: 'guest', memory_total_bytes: expect.any(Number) });
  expect(body.disks.map((disk: { mount_point: string }) => disk.mount_point)).toContain('/data');
});
