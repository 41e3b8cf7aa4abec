import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Init,
  Quiesce,
  type QuiesceRequest,
  type QuiesceResponse,
} from '@limiquantix/plugin-sdk';
import { memoryLogger, type TestHost, testHost } from '@limiquantix/plugin-sdk/testing';
import { afterEach, beforeEach } from 'vitest';
import { Mounts } from '../../../test/support/mounts.ts';
import manifest from '../package.json' with { type: 'json' };
import plugin from '../src/index.ts';
import { readMounts } from '../src/linux/mounts.ts';
import { bootId, RecordFile } from '../src/linux/record.ts';

/** The freeze of an agent that was killed. */
export const EARLIER = 'an-earlier-one';

/** The plugin with a state file of its own, and no scripts unless a test names some. */
export class TestPlugin {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'qxga-quiesce-'));
  readonly stateFile: string = join(this.dir, 'run/quiesce.json');
  readonly #hosts: TestHost[] = [];

  async start(config: Readonly<Record<string, unknown>> = {}): Promise<TestHost> {
    const host = await testHost(plugin, {
      package: manifest,
      config: {
        pre_freeze_script_dir: '',
        post_thaw_script_dir: '',
        state_file: this.stateFile,
        ...config,
      },
    });
    this.#hosts.push(host);
    return host;
  }

  /** The record of an agent that was killed while these were frozen. */
  leaveRecord(mountPoints: readonly string[], boot: string = bootId()): void {
    const left = readMounts().filter(({ mountPoint }) => mountPoints.includes(mountPoint));
    new RecordFile(this.stateFile, memoryLogger()).write({
      boot_id: boot,
      freeze_id: EARLIER,
      filesystems: left.map(({ mountPoint, deviceNumber }) => ({
        mount_point: mountPoint,
        device_number: deviceNumber,
      })),
      skip_scripts: false,
      post_thaw_done: ['20-begun'],
    });
  }

  async cleanUp(): Promise<void> {
    for (const host of this.#hosts.splice(0)) await host.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Processes of the freeze that is under way. */
  processes(): number[] {
    const { freeze_id } = JSON.parse(readFileSync(this.stateFile, 'utf8'));
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => environmentOf(pid).includes(`LIMIQUANTIX_FREEZE=${freeze_id}`))
      .map(Number);
  }
}

export interface Lab {
  mounts: Mounts;
  plugin: TestPlugin;
}

/** Both anew for every test, and gone after it. */
export function labForEach(): Lab {
  const lab = {} as Lab;
  beforeEach(() => {
    lab.mounts = new Mounts();
    lab.plugin = new TestPlugin();
  });
  afterEach(async () => {
    await lab.plugin.cleanUp();
    await lab.mounts.cleanUp();
  });
  return lab;
}

/** Quiesces through the codecs; never what the test itself did not mount. */
export async function quiesce(
  host: TestHost,
  request: Init<QuiesceRequest> & { readonly mountPoints: readonly string[] },
  options?: { readonly signal: AbortSignal },
): Promise<QuiesceResponse> {
  const asked = readMounts().filter(({ mountPoint }) => request.mountPoints.includes(mountPoint));
  const machine = readMounts().filter(({ mountPoint }) => mountPoint === '/');
  const taboo = new Set(machine.map(({ deviceNumber }) => deviceNumber));
  if (request.mountPoints.length === 0 || asked.some((mount) => taboo.has(mount.deviceNumber))) {
    throw new Error(`this test would freeze the machine: ${request.mountPoints}`);
  }
  return await host.call(Quiesce, request, options);
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
