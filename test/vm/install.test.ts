import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guest, restoreGuest } from './support/guest.ts';

const UNIT = 'limiquantix-agent.service';

describe('the package in a running guest', () => {
  let guest: Guest;
  beforeAll(async () => {
    guest = await restoreGuest();
  });
  afterAll(() => guest?.stop());

  /** A property of the unit, as systemd shows it. */
  const property = (name: string) => guest.ok(`systemctl show --value -p ${name} ${UNIT}`);

  it('answers the host through its port', async () => {
    const { status, body } = await guest.rest('POST', '/execute', { command: 'id -un' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ exit_code: 0, stdout: 'root\n' });
  });

  it('is a service that is enabled, says when it is ready, and is watched', async () => {
    expect(await guest.ok(`systemctl is-active ${UNIT}`)).toBe('active');
    expect(await guest.ok(`systemctl is-enabled ${UNIT}`)).toBe('enabled');
    expect(await property('Type')).toBe('notify');
    expect(await property('WatchdogUSec')).toBe('1min');
    expect(await property('StatusText')).toMatch(/^version \d/);
    expect(await guest.agentLog()).toContain('"message":"agent starting"');
  });
});
