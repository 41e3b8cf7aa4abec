import { expect, it } from 'vitest';
import { recordGuestFigures } from '../support/guest-figures.ts';
import { isEvent, RawHost } from '../support/raw-host.ts';
import { usageOf } from './support/agent-usage.ts';
import { bootGuest, restoreGuest, snapshot } from './support/guest.ts';

const IDLE_S = 60;
/** Until V8 has collected what the agent's start left behind. */
const SETTLE_S = 30;

it('is small and quiet while a host is connected and nothing is asked', async () => {
  const guest = await restoreGuest();
  try {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_S * 1000));
    const before = await usageOf(guest);
    await new Promise((resolve) => setTimeout(resolve, IDLE_S * 1000));
    const after = await usageOf(guest);
    const cpuMs = after.cpuMs - before.cpuMs;
    const mib = (value: number) => `${(value / 1024).toFixed(1)} MiB`;
    recordGuestFigures({
      pssMib: after.pss / 1024,
      pssAnonMib: after.anon / 1024,
      cpuPercent: cpuMs / IDLE_S / 10,
    });
    console.log(
      `idle: Pss ${mib(after.pss)}, of it anonymous ${mib(after.anon)}; ` +
        `${cpuMs} ms of emulated CPU in ${IDLE_S} s`,
    );
    expect(after.pss).toBeLessThan(100 * 1024);
    expect(after.anon).toBeLessThan(40 * 1024);
    expect(cpuMs).toBeLessThan(IDLE_S * 1000 * 0.1);
  } finally {
    await guest.stop();
  }
});

it('greets its host soon after the machine was switched on', async () => {
  const began = performance.now();
  const guest = await bootGuest({ gateway: false, waitForShell: false });
  try {
    const host = await RawHost.connect(guest.socketPath);
    await host.next(isEvent('agent_ready'), 120_000);
    const seconds = (performance.now() - began) / 1000;
    host.close();
    await guest.machine.shell.ready();
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own format
    const kib = await guest.ok("dpkg-query -W -f='${Installed-Size}' limiquantix-guest-agent");
    const { installSeconds } = snapshot();
    recordGuestFigures({
      installSeconds,
      installedMib: Number(kib) / 1024,
      bootToReadySeconds: seconds,
    });
    console.log(
      `AgentReady ${seconds.toFixed(1)} s after power on; ` +
        `package installed in ${installSeconds.toFixed(1)} s, ${kib} KiB`,
    );
    expect(seconds).toBeLessThan(150);
  } finally {
    await guest.stop();
  }
});
