import { AgentClient } from '@limiquantix/agent-client';
import { Execute, Ping } from '@limiquantix/agent-proto';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { isEvent, RawHost } from '../support/raw-host.ts';
import { agentPid, usageOf } from './support/agent-usage.ts';
import { type Guest, restoreGuest } from './support/guest.ts';

const IDLE_S = 5;
/** Under emulation, on a busy machine. */
const PATIENT = { timeout: 60_000, interval: 100 };

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest({ gateway: false });
});
afterAll(() => guest.stop());

async function client(): Promise<AgentClient> {
  const one = await AgentClient.connect({ path: guest.socketPath });
  onTestFinished(() => one.close());
  return one;
}

const greeted = (one: AgentClient) =>
  vi.waitFor(() => expect(one.ready).toBeDefined(), PATIENT).then(() => one.ready);

/** Of the agent's journal since its start. */
async function logged(message: string): Promise<number> {
  return (await guest.agentLog()).split(`"message":"${message}"`).length - 1;
}

/** Its CPU time in {@link IDLE_S}, once it has started and is as quiet as it is expected to be. */
async function cpuMsWhenIdle(share: number): Promise<number> {
  let cpuMs = 0;
  await vi.waitFor(async () => {
    const before = await usageOf(guest);
    await new Promise((resolve) => setTimeout(resolve, IDLE_S * 1000));
    cpuMs = (await usageOf(guest)).cpuMs - before.cpuMs;
    expect(cpuMs).toBeLessThan(IDLE_S * 1000 * share);
  }, PATIENT);
  return cpuMs;
}

it('waits for its host without a blocked thread, and costs nothing while there is none', async () => {
  await guest.ok('systemctl restart limiquantix-agent');
  const absent = await cpuMsWhenIdle(0.05);
  const one = await client();
  await greeted(one);
  const present = await cpuMsWhenIdle(0.1);
  const pid = await agentPid(guest);
  const waiting = await guest.ok(`cat /proc/${pid}/wchan; echo; cat /proc/${pid}/task/*/wchan`);
  console.log(`CPU in ${IDLE_S} s: ${absent} ms without a host, ${present} ms with one`);
  expect(waiting).toMatch(/^(do_epoll_wait|ep_poll)\n/);
  expect(waiting).not.toMatch(/port|virt/);
});

it('greets each host that comes, on the one descriptor that it opened', async () => {
  const pid = await agentPid(guest);
  const ports = () => guest.ok(`ls -l /proc/${pid}/fd | grep -o '[0-9]* -> .*/vport.*'`);
  const [before, opened] = [await ports(), await logged('channel open')];
  let unasked = 0;
  for (let i = 0; i < 10; i++) {
    const host = await RawHost.connect(guest.socketPath);
    onTestFinished(() => host.close());
    if (await host.greeted(PATIENT.timeout)) unasked++;
    const id = host.request(Ping, { sequence: i });
    await host.answer(id, PATIENT.timeout);
    expect(host.received.filter(isEvent('agent_ready'))).toHaveLength(1);
    host.close();
    // As long as a client waits before it connects again.
    await new Promise((resolve) => setTimeout(resolve, 50 + 50 * Math.random()));
  }
  expect(unasked).toBeGreaterThan(5);
  expect(before.split('\n')).toHaveLength(1);
  expect(await ports()).toBe(before);
  expect(await logged('channel open')).toBe(opened);
});

it('serves a second host when the first one left, and tells it who it is', async () => {
  const first = await client();
  await greeted(first);
  const second = await client();
  const answer = second.call(Ping, { sequence: 2 }, { timeoutMs: PATIENT.timeout });
  await first.call(Ping, { sequence: 1 });
  const slow = first.call(Execute, { command: 'sleep 3; echo slow' });
  const lost = expect(slow).rejects.toMatchObject({ name: 'CONNECTION_LOST' });
  expect(second.ready).toBeUndefined();
  await first.close();
  await lost;
  expect((await answer).sequence).toBe(2);
  expect(await greeted(second)).toMatchObject({ hostname: 'guest' });
  const { stdout } = await second.call(Execute, { command: 'sleep 4; echo mine' });
  expect(stdout).toBe('mine\n');
});

it('answers a hundred requests at once, each with its own', async () => {
  const one = await client();
  const calls = Array.from({ length: 100 }, (_, i) =>
    i % 10 === 0
      ? one.call(Execute, { command: `echo ${i}` }, { timeoutMs: PATIENT.timeout })
      : one.call(Ping, { sequence: i }, { timeoutMs: PATIENT.timeout }),
  );
  for (const [i, answer] of (await Promise.all(calls)).entries()) {
    expect(answer).toMatchObject(i % 10 === 0 ? { stdout: `${i}\n` } : { sequence: i });
  }
});

it('and a hundred of the gateway', async () => {
  await guest.startGateway();
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      i % 10 === 0
        ? guest.rest('POST', '/execute', { command: `echo ${i}` })
        : guest.rest('POST', '/ping'),
    ),
  );
  await guest.stopGateway();
  for (const [i, { status, body }] of answers.entries()) {
    expect(status).toBe(200);
    expect(body).toMatchObject(i % 10 === 0 ? { stdout: `${i}\n` } : { connected: true });
  }
});
