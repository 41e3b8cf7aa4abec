import { AgentClient } from '@limiquantix/agent-client';
import { Execute, Ping } from '@limiquantix/agent-proto';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { isEvent, RawHost } from '../support/raw-host.ts';
import { agentPid } from './support/agent-usage.ts';
import { type Guest, restoreGuest } from './support/guest.ts';

const UNIT = 'limiquantix-agent.service';
const PORT = '/dev/virtio-ports/org.limiquantix.agent.0';
/** As it was when the machine started. */
const DEVICE = {
  driver: 'virtserialport',
  chardev: 'agent',
  name: 'org.limiquantix.agent.0',
  id: 'agent',
  bus: 'serial.0',
};
/** Under emulation, on a busy machine. */
const PATIENT_MS = 60_000;

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest({ gateway: false });
});
afterAll(() => guest.stop());

async function host(): Promise<RawHost> {
  const one = await RawHost.connect(guest.socketPath, { strayBytes: true });
  onTestFinished(() => one.close());
  // A guest that did not run meanwhile has not seen that the last host left.
  await one.answer(one.request(Ping, { greet: true }), PATIENT_MS);
  return one;
}

const greetings = (one: RawHost) => one.received.filter(isEvent('agent_ready')).length;

it('tells a second agent that another has the port', async () => {
  const one = await host();
  const before = greetings(one);
  const { stdout } = await guest.run('timeout 15 limiquantix-agent 2>&1');
  expect(stdout).toContain('QXGA-1006');
  expect(stdout).toMatch(/"resolution":"[^"]+"/);
  expect(stdout).toContain(PORT);
  await one.answer(one.request(Ping), PATIENT_MS);
  expect(greetings(one)).toBe(before);
});

it('answers after a restart what its host asked while the port was closed', async () => {
  const one = await host();
  const [before, came] = [greetings(one), one.received.length];
  await guest.ok(`systemctl stop ${UNIT}`);
  const asked = ['first', 'second', 'third'];
  for (const id of asked) one.request(Ping, {}, { id });
  await guest.ok(`systemctl start ${UNIT}`);
  for (const id of asked) await one.answer(id, PATIENT_MS);
  expect(greetings(one)).toBe(before + 1);
  const since = one.received.slice(came).map(({ id }) => id);
  const ids = since.filter((id) => !id.startsWith('event-'));
  expect(ids).toEqual(asked);
});

it('comes back when it was killed, for the host that stayed', async () => {
  const client = await AgentClient.connect({ path: guest.socketPath });
  onTestFinished(() => client.close());
  await client.call(Ping, {}, { timeoutMs: PATIENT_MS });
  const pid = await agentPid(guest);
  const lost = client
    .call(Execute, { command: 'sleep 100' }, { timeoutMs: 5000 })
    .catch((error) => error.name);
  await guest.ok(`kill -9 ${pid}; until [ "$(systemctl show --value -p MainPID ${UNIT})" -gt 0 ] &&
    systemctl is-active ${UNIT}; do sleep 0.2; done`);
  const { stdout } = await client.call(
    Execute,
    { command: 'echo "$PPID"' },
    { timeoutMs: PATIENT_MS },
  );
  expect(stdout.trim()).not.toBe(pid);
  expect(await lost).toBeTypeOf('string');
});

it.each([1, 2])('finds its port again that was unplugged, time %i', async () => {
  const before = await agentPid(guest);
  const since = guest.events.seen.length;
  await guest.qmp('device_del', { id: 'agent' });
  await guest.events.waitFor('DEVICE_DELETED', {
    since,
    fits: ({ data }) => data?.device === 'agent',
  });
  await guest.ok(`until ! test -e ${PORT}; do sleep 0.2; done`);
  await guest.qmp('device_add', DEVICE);
  await host();
  expect(await agentPid(guest)).toBe(before);
  expect(await guest.ok(`stat -L -c '%U %a' ${PORT}`)).toBe('root 600');
});

it('is started by its port', async () => {
  await guest.qmp('device_del', { id: 'agent' });
  await guest.ok(`until ! test -e ${PORT}; do sleep 0.2; done; systemctl stop ${UNIT}`);
  await guest.qmp('device_add', DEVICE);
  await host();
  expect(await guest.ok(`systemctl is-active ${UNIT}`)).toBe('active');
});
