import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desktop } from './support/desktop.ts';
import { type Guest, restoreGuest } from './support/guest.ts';
import { differences, PAGE, readPage, renderPage } from './walk/page.ts';
import { STEPS, type Step } from './walk/steps.ts';

let guest: Guest;
beforeAll(async () => {
  guest = await restoreGuest();
  await Desktop.start(guest);
});
afterAll(() => guest.stop());

const page = readPage();
const answers = new Map<Step, unknown>();

for (const step of STEPS) {
  it(`${step.method} ${step.path}: ${step.title}`, async () => {
    if (step.before) await guest.ok(step.before);
    const path = step.path.replace('{pid}', await victim(step));
    const { status, body } = await guest.rest(step.method, path, step.body);
    expect({ status, body }).toMatchObject({ status: step.status, body: step.answer });
    answers.set(step, body);
    if (!process.env.UPDATE_EXAMPLES) {
      expect(differences(page.get(step.title), body), 'as docs/rest-examples.md has it').toEqual(
        [],
      );
    }
  });
}

it('is the machine that was shut down', async () => {
  await guest.events.waitFor('SHUTDOWN', { timeoutMs: 60_000 });
});

if (process.env.UPDATE_EXAMPLES) {
  it('writes the page of examples', () => {
    expect(answers.size).toBe(STEPS.length);
    writeFileSync(PAGE, renderPage(answers));
  });
}

function victim({ path }: Step): Promise<string> | string {
  return path.includes('{pid}') ? guest.ok('systemctl show --value -p MainPID victim') : '';
}
