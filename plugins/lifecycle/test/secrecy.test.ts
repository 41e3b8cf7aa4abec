import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { AgentError, ResetPassword } from '@limiquantix/plugin-sdk';
import { testHost } from '@limiquantix/plugin-sdk/testing';
import { expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { lifecycle } from '../src/lifecycle.ts';
import { Secret } from '../src/secret.ts';
import { fakeGuest } from './fake-guest.ts';

const CANARY = 'kanarienvogel-4711';

/** What every user of the guest can read of its processes, and root their environment. */
function visible(): string {
  const seen: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const file of ['cmdline', 'environ', 'comm']) {
      try {
        seen.push(readFileSync(`/proc/${pid}/${file}`, 'latin1'));
      } catch {
        // It ended meanwhile.
      }
    }
  }
  return seen.join('\n');
}

it.each([
  ['succeeds', ''],
  ['fails', 'echo "chpasswd: no"; exit 1'],
  ['repeats what it read', 'cat "$record.input" >&2; exit 1'],
])('a password shows nowhere when chpasswd %s', async (_, chpasswd) => {
  // It goes on when it was looked at.
  const held = `until [ -e "$0.seen" ]; do sleep 0.02; done; ${chpasswd}`;
  const guest = fakeGuest({ users: ['alice'], scripts: { chpasswd: held, chage: '' } });
  const host = await testHost(lifecycle(guest), { package: manifest });
  const program = guest.findTool('chpasswd');
  const request = { username: 'alice', newPassword: CANARY, expire: true };
  const answer = host.call(ResetPassword, request).catch((error) => error);
  const settled = answer.then(() => true);
  await guest.tools.called('chpasswd');
  let seen = visible();
  expect(seen).toContain(program);
  writeFileSync(`${program}.seen`, '');
  while (!(await Promise.race([settled, sleep(5, false)]))) seen += visible();
  const error = await answer;
  const said = [
    seen,
    JSON.stringify(host.log),
    inspect([error, host.log, host.events], { depth: 10, showHidden: true }),
    AgentError.is(error) ? JSON.stringify(error.toWire()) : '',
    JSON.stringify(guest.tools.calls().map(({ args }) => args)),
  ].join('\n');
  expect(said).not.toContain(CANARY);
});

it.each(['short\n', CANARY.repeat(40), `${CANARY}\0`])(
  'nor does one that is refused (%#)',
  async (newPassword) => {
    const guest = fakeGuest({ users: ['alice'], scripts: { chpasswd: '' } });
    const host = await testHost(lifecycle(guest), { package: manifest });
    const error = await host
      .call(ResetPassword, { username: 'alice', newPassword })
      .catch((thrown) => thrown);
    expect(AgentError.is(error)).toBe(true);
    expect(inspect([error, host.log], { showHidden: true })).not.toContain(newPassword.slice(0, 5));
  },
);

it('a secret shows itself to whom it is revealed only', () => {
  const secret = new Secret(CANARY);
  const shown = [`${secret}`, JSON.stringify({ secret }), inspect(secret, { showHidden: true })];
  expect(shown.join()).not.toContain(CANARY);
  expect(secret.reveal()).toBe(CANARY);
});
