import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentClient } from '@limiquantix/agent-client';
import { Ping } from '@limiquantix/agent-proto';
import { expect, test } from 'vitest';
import { Vms } from '../src/vms.ts';
import {
  afterTests,
  eventually,
  type GatewayUnderTest,
  startGateway,
  temporaryDirectory,
} from './gateway-under-test.ts';
import { on, ScriptedAgent } from './scripted-agent.ts';

async function known(under: GatewayUnderTest): Promise<string[]> {
  return (await under.listed()).map(({ vm_id }) => vm_id);
}

test('VMs come and go with their sockets', async () => {
  const under = await startGateway();
  await under.addVm('vm-b');
  const a = await under.addVm('vm-a');
  await eventually(async () => {
    const [first, second] = await under.listed();
    return second !== undefined && first?.version === '1.2.3';
  });
  expect((await under.listed())[0]).toEqual({
    vm_id: 'vm-a',
    connected: true,
    version: '1.2.3',
    hostname: 'guest-1',
    last_heard_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
  await a.agent.close();
  await eventually(async () => (await known(under)).join() === 'vm-b');
  expect((await under.fetch('/vms/vm-a/agent/capabilities')).status).toBe(404);
  await under.addVm('vm-a');
  expect(await known(under)).toEqual(['vm-a', 'vm-b']);
});

test('of a VM without a connection the list tells why, and when its agent last spoke', async () => {
  const under = await startGateway();
  const { agent } = await under.addVm('vm');
  await eventually(async () => (await under.listed())[0]?.last_heard_at !== undefined);
  await agent.crash();
  await eventually(async () => (await under.listed())[0]?.connected === false);
  const [vm] = await under.listed();
  expect(vm?.reason).toContain('vm.agent.sock');
  expect(vm?.version).toBeUndefined();
  expect(vm?.last_heard_at).toBeDefined();
  expect(await (await under.fetch('/vms/vm/agent')).json()).toEqual(vm);
  expect((await under.fetch('/vms/other/agent')).status).toBe(404);
});

test('a VM that was there before is known at once', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'vm.agent.sock');
  const agent = await ScriptedAgent.listen(path, [on(Ping, () => ({ version: '1' }))]);
  afterTests(() => agent.close());
  const { fetch } = await startGateway({ vmsDir: directory });
  const pong = await fetch('/vms/vm/agent/ping', { method: 'POST' });
  expect(await pong.json()).toMatchObject({ connected: true });
});

test('what is no socket of a VM is none', async () => {
  const under = await startGateway();
  await writeFile(join(under.directory, 'file.agent.sock'), '');
  await mkdir(join(under.directory, 'dir.agent.sock'));
  const stray = await ScriptedAgent.listen(join(under.directory, 'vm.other.sock'), []);
  const hidden = await ScriptedAgent.listen(join(under.directory, '...agent.sock'), []);
  afterTests(async () => {
    await stray.close();
    await hidden.close();
  });
  await under.addVm('vm');
  expect(await known(under)).toEqual(['vm']);
});

test('the directory may come later, and come anew', async () => {
  const directory = join(await temporaryDirectory(), 'vms');
  const under = await startGateway({ vmsDir: directory });
  expect(await known(under)).toEqual([]);
  await mkdir(directory);
  const first = await under.addVm('vm-1');
  await first.agent.close();
  await rm(directory, { recursive: true });
  await mkdir(directory);
  await under.addVm('vm-2');
  expect(await known(under)).toEqual(['vm-2']);
});

test('a directory that anybody may write to has no VMs, until it is put right', async () => {
  const directory = await temporaryDirectory();
  const agent = await ScriptedAgent.listen(join(directory, 'vm.agent.sock'), []);
  afterTests(() => agent.close());
  await chmod(directory, 0o1777);
  const under = await startGateway({ vmsDir: directory });
  expect(await known(under)).toEqual([]);
  await chmod(directory, 0o775);
  await eventually(async () => (await known(under)).join() === 'vm');
});

test('a directory that was put in place by renaming is watched', async () => {
  const parent = await temporaryDirectory();
  const directory = join(parent, 'vms');
  await mkdir(directory);
  await mkdir(join(parent, 'other'));
  const agent = await ScriptedAgent.listen(join(parent, 'other', 'vm.agent.sock'), []);
  afterTests(() => agent.close());
  const under = await startGateway({ vmsDir: directory });
  await rename(directory, join(parent, 'old'));
  await rename(join(parent, 'other'), directory);
  await eventually(async () => (await known(under)).join() === 'vm');
});

test('the watch alone tells of them too', async () => {
  const directory = await temporaryDirectory();
  const vms = new Vms({
    directory,
    connect: (_vmId, path) => new AgentClient({ path }),
    rescanMs: 3_600_000,
    onUnreadable: (error) => {
      throw error;
    },
  });
  afterTests(() => vms.close());
  await vms.open();
  const agent = await ScriptedAgent.listen(join(directory, 'vm.agent.sock'), []);
  await eventually(() => vms.list().length === 1);
  await agent.close();
  await eventually(() => vms.list().length === 0);
});

test('a VM that comes after thousands is not left waiting for as long as they took', async () => {
  const directory = await temporaryDirectory();
  const listen = async (name: string) => {
    const agent = await ScriptedAgent.listen(join(directory, `${name}.agent.sock`), []);
    afterTests(() => agent.close());
  };
  for (let i = 0; i < 20; i++) await listen(`vm-${i}`);
  const vms = new Vms({
    directory,
    connect: (_vmId, path) => {
      // As many VMs, or as busy a machine, as it takes.
      const until = performance.now() + 100;
      while (performance.now() < until);
      return new AgentClient({ path });
    },
    rescanMs: 3_600_000,
    onUnreadable: (error) => {
      throw error;
    },
  });
  afterTests(() => vms.close());
  await vms.open();
  await listen('late');
  await eventually(() => vms.list().length === 21);
});

test('hundreds of VMs, found in one go', async () => {
  const directory = await temporaryDirectory();
  const agents = await Promise.all(
    Array.from({ length: 300 }, (_, i) =>
      ScriptedAgent.listen(join(directory, `vm-${i}.agent.sock`), []),
    ),
  );
  afterTests(() => Promise.all(agents.map((agent) => agent.close())));
  const under = await startGateway({ vmsDir: directory });
  expect((await known(under)).length).toBe(300);
  await eventually(async () => {
    return (await under.listed()).every(({ connected }) => connected);
  });
});
