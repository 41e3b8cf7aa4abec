// The plugin in namespaces of its own (see guest.ts): one line of JSON in, one out, in order.
import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { AgentError, ConfigureNetwork } from '@limiquantix/plugin-sdk';
import { testHost } from '@limiquantix/plugin-sdk/testing';
import manifest from '../package.json' with { type: 'json' };
import plugin from '../src/index.ts';
import type { GuestAnswer, GuestRequest } from './guest.ts';

const host = await testHost(plugin, {
  package: manifest,
  config: { readback_timeout_secs: Number(process.argv[2]), apply_timeout_secs: 20 },
});

async function answer(request: GuestRequest): Promise<GuestAnswer> {
  if ('run' in request) {
    try {
      return { output: execFileSync('bash', ['-c', request.run], { encoding: 'utf8' }) };
    } catch (error) {
      return { output: `failed: ${(error as { stderr: string }).stderr}` };
    }
  }
  try {
    return { response: await host.call(ConfigureNetwork, request.configure) };
  } catch (error) {
    const { name, message, context, resolution } = AgentError.from(error);
    return { failure: { name, message, context: context ?? '', resolution } };
  }
}

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
