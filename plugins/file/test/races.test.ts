import { type ChildProcess, spawn } from 'node:child_process';
import {
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { FileDelete } from '@limiquantix/plugin-sdk';
import { afterAll, expect, it } from 'vitest';
import { pin } from '../src/linux/pin.ts';
import { code, filePlugin, scratch } from './plugin.ts';

const host = filePlugin();
const at = scratch();
const racers: ChildProcess[] = [];
afterAll(() => {
  for (const racer of racers) racer.kill('SIGKILL');
});

/** Runs a script over and over in a process of its own, until the tests are over. */
async function race(script: string, ...paths: string[]): Promise<ChildProcess> {
  const loop = `const fs = require('fs'); const [a, b, c] = process.argv.slice(1);
    console.log('racing'); for (;;) try { ${script} } catch {}`;
  const racer = spawn(process.execPath, ['-e', loop, ...paths]);
  racers.push(racer);
  await new Promise((resolve) => racer.stdout?.once('data', resolve));
  return racer;
}

it('a directory that is swapped for a link does not lead a deletion out of its tree', async () => {
  mkdirSync(at('outside', 'deep'), { recursive: true });
  const kept = [at('outside', 'kept'), at('outside', 'deep', 'kept')];
  for (const path of kept) writeFileSync(path, 'x');
  const racer = await race(
    // A directory when it is found, a link when it is entered.
    `fs.rmSync(b, { recursive: true, force: true });
     fs.mkdirSync(a, { recursive: true }); fs.writeFileSync(a + '/x', '');
     fs.renameSync(a, b); fs.symlinkSync(c, a); fs.unlinkSync(a)`,
    at('tree', 'swapped'),
    at('aside'),
    at('outside'),
  );
  const until = performance.now() + 2000;
  let rounds = 0;
  // A round takes long where the racer has the processor.
  for (; performance.now() < until || rounds <= 50; rounds++) {
    mkdirSync(at('tree'), { recursive: true });
    // What it meets on its way may be gone or full again: only what is outside matters.
    await host.call(FileDelete, { path: at('tree'), recursive: true }).catch(() => undefined);
    expect(kept.every((path) => existsSync(path))).toBe(true);
  }
  racer.kill('SIGKILL');
  rmSync(at('aside'), { recursive: true, force: true });
});

it('a directory that is moved away while it is emptied does not take the deletion along', async () => {
  const names = ['one', 'two'];
  for (const name of names) {
    mkdirSync(at('moving', name), { recursive: true });
    for (let i = 0; i < 3000; i++) writeFileSync(at('moving', name, String(i)), '');
    mkdirSync(at('elsewhere', name), { recursive: true });
    writeFileSync(at('elsewhere', name, 'kept'), '');
  }
  const outcome = code(host.call(FileDelete, { path: at('moving'), recursive: true }));
  const shrinking = () => names.find((name) => readdirSync(at('moving', name)).length < 3000);
  await expect.poll(shrinking, { interval: 1 }).toBeDefined();
  const moved = shrinking() as string;
  rmSync(at('elsewhere', moved), { recursive: true });
  renameSync(at('moving', moved), at('elsewhere', moved));
  expect(await outcome).toBe(4013);
  const [other] = names.filter((name) => name !== moved) as [string];
  expect(existsSync(at('elsewhere', other, 'kept'))).toBe(true);
});

it('what was looked at is what is opened, whatever its path names by then', async () => {
  const paths = [at('file'), at('denied')];
  for (const path of paths) writeFileSync(path, path);
  const racer = await race(
    `fs.writeFileSync(c, a); fs.renameSync(c, a); fs.symlinkSync(b, c); fs.renameSync(c, a)`,
    ...paths,
    at('next'),
  );
  const seen = new Set<string>();
  const begun = performance.now();
  // Both may take long to show where the racer hardly gets to run.
  const raced = () => performance.now() - begun > (seen.size < paths.length ? 15_000 : 1500);
  while (!raced()) {
    using pinned = await pin(at('file'));
    const looked = pinned.path.replace(' (deleted)', '');
    await using file = await pinned.open(constants.O_RDONLY);
    expect(await file.readFile('utf8')).toBe(looked);
    seen.add(looked);
  }
  expect([...seen].sort()).toEqual(paths.sort());
  racer.kill('SIGKILL');
});
