import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunTool, runTool } from '@limiquantix/plugin-sdk/guest';
import { memoryLogger } from '@limiquantix/plugin-sdk/testing';
import { describe, expect, test } from 'vitest';
import { askNvidia } from '../src/linux/hardware/nvidia-gpus.ts';
import { readPciNames } from '../src/linux/hardware/pci-names.ts';
import { SystemFiles } from '../src/linux/system-files.ts';
import { EVERYTHING, grow, hardwareOf, scratch, type Tree } from './machine.ts';

const NVIDIA: Tree = {
  class: '0x030200',
  vendor: '0x10de',
  device: '0x20f1',
  resource: '0x000000e000000000 0x000000efffffffff 0x000000000014220c',
  driver: { link: '../../drivers/nvidia' },
};

function pci(devices: Tree, modules: Tree = {}): string {
  return grow({
    sys: { bus: { pci: { devices, drivers: { nvidia: {}, amdgpu: {} } } }, module: modules },
  });
}

const KNOWN = { pciAddress: '01:00.0', driverVersion: '535.161.08', vramBytes: 40 * 2 ** 30 };
const { signal } = new AbortController();

test('the memory of an adapter of NVIDIA is what its driver says, not its window', async () => {
  const hardware = hardwareOf(pci({ '0000:01:00.0': NVIDIA }), { askNvidia: async () => [KNOWN] });
  expect((await hardware.describe(EVERYTHING)).gpus).toEqual([
    {
      name: '10de:20f1',
      vendor: '10de',
      driverVersion: KNOWN.driverVersion,
      vramBytes: KNOWN.vramBytes,
      pciAddress: '0000:01:00.0',
    },
  ]);
});

test('a driver that does not answer costs the memory alone, and the log says so', async () => {
  const log = memoryLogger();
  const root = pci({ '0000:01:00.0': NVIDIA }, { nvidia: { version: '535.161.08' } });
  const hardware = hardwareOf(root, { log, askNvidia: () => Promise.reject(new Error('asleep')) });
  const { gpus } = await hardware.describe(EVERYTHING);
  expect(gpus?.[0]).toMatchObject({ driverVersion: '535.161.08', vramBytes: 0 });
  expect(log.entries).toEqual([expect.objectContaining({ level: 'warn' })]);
});

test('the driver of NVIDIA is asked only where it drives something', async () => {
  let asked = 0;
  const askNothing = async () => {
    asked++;
    return [];
  };
  const { driver: _, ...undriven } = NVIDIA;
  const hardware = hardwareOf(pci({ '0000:01:00.0': undriven }), { askNvidia: askNothing });
  await hardware.describe(EVERYTHING);
  expect(asked).toBe(0);
});

test('an adapter of AMD tells its memory itself', async () => {
  const amd: Tree = {
    class: '0x030000',
    vendor: '0x1002',
    device: '0x73bf',
    mem_info_vram_total: '17163091968',
    resource: '0x000000e000000000 0x000000e00fffffff 0x000000000014220c',
  };
  const { gpus } = await hardwareOf(pci({ '0000:03:00.0': amd })).describe(EVERYTHING);
  expect(gpus?.[0]?.vramBytes).toBe(17_163_091_968);
});

test('what is no display controller is none', async () => {
  const network: Tree = { class: '0x020000', vendor: '0x10de', device: '0x0001' };
  const { gpus } = await hardwareOf(pci({ '0000:01:00.0': network })).describe(EVERYTHING);
  expect(gpus).toEqual([]);
});

describe('the library that asks the driver of NVIDIA', () => {
  // Written after the tools' formats.
  const SMI =
    '535.161.08, 0x145F10DE, NVIDIA A100-PCIE-40GB, 00000000:01:00.0, [N/A], 40960, 0, 40326, 0, 0, 30, 32, 34.65, 250.00, 210, 1215';
  const LSPCI = `00:02.0 VGA compatible controller: Red Hat, Inc. QXL paravirtual graphic card (rev 05)
\tRegion 0: Memory at f4000000 (32-bit, non-prefetchable) [size=64M]

01:00.0 3D controller: NVIDIA Corporation GA100 [A100 PCIe 40GB] (rev a1)
\tSubsystem: NVIDIA Corporation GA100 [A100 PCIe 40GB]
\tRegion 1: Memory at e000000000 (64-bit, prefetchable) [size=64G]
\tKernel driver in use: nvidia
`;

  function withTools(tools: Readonly<Record<string, string>>): RunTool {
    const directory = scratch();
    for (const [name, script] of Object.entries(tools)) {
      writeFileSync(join(directory, name), `#!/bin/sh\n${script}`);
      chmodSync(join(directory, name), 0o755);
    }
    const env = { PATH: `${directory}:/usr/bin:/bin` };
    return (program, args, options) => runTool(program, args, { ...options, env });
  }

  const printing = (text: string) => `cat <<'X'\n${text}\nX`;

  test('matches what nvidia-smi and lspci say', async () => {
    const run = withTools({ 'nvidia-smi': printing(SMI), lspci: printing(LSPCI) });
    expect(await askNvidia(signal, run)).toEqual([KNOWN]);
  });

  test('knows nothing where the tools are missing or fail', async () => {
    const run = withTools({ 'nvidia-smi': 'exit 9', lspci: printing(LSPCI) });
    expect(await askNvidia(signal, run)).toEqual([]);
  });

  test('ends when nobody waits any more', async () => {
    const run = withTools({ 'nvidia-smi': 'sleep 30', lspci: printing(LSPCI) });
    const stopped = new AbortController();
    setTimeout(() => stopped.abort(), 300);
    await expect(askNvidia(stopped.signal, run)).rejects.toThrow('aborted');
  });

  test('an answer that is none fails', async () => {
    const failing: RunTool = async () => ({
      exitCode: 1,
      signal: undefined,
      stdout: '',
      stderr: 'Cannot find module',
      truncated: false,
      timedOut: false,
    });
    await expect(askNvidia(signal, failing)).rejects.toThrow('Cannot find module');
  });
});

const DATABASE = '/usr/share/misc/pci.ids';

test.skipIf(!existsSync(DATABASE))('names come from the PCI database (needs pci.ids)', async () => {
  const ids = [
    { vendor: '10de', device: '20f1' },
    { vendor: '1af4', device: '1050' },
    { vendor: '10de', device: 'fffe' },
    { vendor: 'ffef', device: '0000' },
  ];
  const nameOf = await readPciNames(new SystemFiles(), ids);
  expect(ids.map(nameOf)).toEqual([
    { vendor: 'NVIDIA Corporation', device: 'GA100 [A100 PCIe 40GB]' },
    { vendor: 'Red Hat, Inc.', device: expect.stringMatching(/^Virtio .*GPU$/) },
    { vendor: 'NVIDIA Corporation', device: '' },
    undefined,
  ]);
});
