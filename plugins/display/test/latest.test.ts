import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Latest } from '../src/latest.ts';

it('ends on the last of all, also where one thing is asked for by two names', async () => {
  const done: string[] = [];
  const first = Promise.withResolvers<void>();
  const latest = new Latest(async (task: string) => {
    if (task === 'first') await first.promise;
    if (task === 'bad') throw new Error(task);
    done.push(task);
    return task;
  });
  const begun = latest.do('', 'first');
  await setImmediate();
  const results = [
    begun,
    latest.do('', 'superseded'),
    latest.do('Virtual-1', 'by name'),
    latest.do('', 'last'),
  ];
  first.resolve();
  expect(await Promise.all(results)).toEqual(['first', 'last', 'by name', 'last']);
  expect(done).toEqual(['first', 'by name', 'last']);
  await expect(latest.do('', 'bad')).rejects.toThrow('bad');
  expect(await latest.do('', 'after it')).toBe('after it');
});
