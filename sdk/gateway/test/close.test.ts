import { Execute } from '@limiquantix/agent-proto';
import { expect, test } from 'vitest';
import { eventually, startGateway } from './gateway-under-test.ts';
import { on } from './scripted-agent.ts';

test('closing ends event streams, calls and kept connections within a second, in the guest too', async () => {
  const { gateway, addVm } = await startGateway();
  const never = new Promise<never>(() => undefined);
  const { agent, fetch } = await addVm(
    'vm',
    on(Execute, () => never),
  );
  const events = await fetch('/events');
  const call = fetch('/execute', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"command":"sleep 60"}',
  });
  await eventually(() => agent.calls.length === 1);
  const started = performance.now();
  await gateway.close();
  // Kept connections would take five by themselves, the others for ever.
  expect(performance.now() - started).toBeLessThan(3500);
  const answer = await call;
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: 'QXGA-1003' });
  await eventually(() => agent.cancelled.join() === 'execute');
  expect(await events.text()).toContain(': open');
  expect(gateway.address).toBeUndefined();
});

test('an answer that is under way is still given', async () => {
  const { gateway, addVm } = await startGateway();
  const { agent, ask } = await addVm(
    'vm',
    on(Execute, async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { stdout: 'done' };
    }),
  );
  const call = ask('/execute', { command: 'x' });
  await eventually(() => agent.calls.length === 1);
  await gateway.close();
  expect((await call).body.stdout).toBe('done');
});

test('it may be closed twice', async () => {
  const { gateway } = await startGateway();
  await gateway.close();
  await gateway.close();
});
