import { afterEach } from 'vitest';
import { guests } from './guest.ts';

// Before the guest is stopped, what it has to say about a test that failed.
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const guest of guests) console.error(`${task.name}\n${await guest.evidence()}`);
});
