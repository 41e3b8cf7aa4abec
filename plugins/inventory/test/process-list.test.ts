// Agents have run what they took for a service's program, found in the list of processes,
// to ask for its version: a user who named a program so became root (CVE-2025-41244).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetHardwareInfo, ListInstalledSoftware } from '@limiquantix/plugin-sdk';
import { testHost } from '@limiquantix/plugin-sdk/testing';
import { expect, onTestFinished, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import plugin from '../src/index.ts';
import { EVERYTHING, scratch } from './machine.ts';

test('a program of a user that listens under the name of a service is not run', async () => {
  const directory = scratch();
  const marker = join(directory, 'runs');
  const httpd = join(directory, 'httpd');
  writeFileSync(marker, '');
  writeFileSync(
    httpd,
    `#!${process.execPath}
require('node:fs').appendFileSync(${JSON.stringify(marker)}, process.argv.slice(2).join() + '\\n');
require('node:net').createServer().listen(0, '127.0.0.1', () => console.log('listening'));
`,
  );
  chmodSync(httpd, 0o755);
  const service = spawn(httpd, ['started'], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void service.kill('SIGKILL'));
  await once(service.stdout, 'data');
  expect(readFileSync(`/proc/${service.pid}/cmdline`, 'utf8')).toContain(httpd);

  const host = await testHost(plugin, { package: manifest });
  onTestFinished(() => host.stop());
  await host.call(GetHardwareInfo, EVERYTHING);
  await host.call(ListInstalledSoftware, { filter: 'httpd' });
  expect(readFileSync(marker, 'utf8')).toBe('started\n');
});
