import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { LogFile, type LogFileOptions } from '../../src/log/log-file.ts';
import { temporaryFolder } from '../temporary.ts';

let folder: string;
let path: string;
let errors: string[];

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'agent.log');
  errors = [];
});

function open(options: Partial<LogFileOptions> = {}): LogFile {
  const file = new LogFile({
    path,
    maxBytes: 100,
    maxFiles: 3,
    onError: ({ message }) => errors.push(message),
    retryMs: 20,
    ...options,
  });
  onTestFinished(() => void file.destroy());
  return file;
}

const written = (file: LogFile) => expect.poll(() => file.writableLength).toBe(0);
const contents = () =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );

/** A line of 40 bytes. */
const line = (n: number) => `${n}`.padEnd(39, '.').concat('\n');

describe('rotation', () => {
  it('keeps so many files of so many bytes, the newest lines in the first', async () => {
    const file = open();
    for (let n = 1; n <= 9; n++) file.write(line(n));
    await written(file);
    expect(contents()).toEqual({
      'agent.log': line(9),
      'agent.log.1': line(7) + line(8),
      'agent.log.2': line(5) + line(6),
    });
  });

  it('goes on where an earlier run ended', async () => {
    const first = open();
    first.write(line(1));
    await new Promise<void>((resolve) => first.end(resolve));
    const second = open();
    second.write(line(2) + line(3));
    await written(second);
    expect(contents()).toEqual({ 'agent.log': line(2) + line(3), 'agent.log.1': line(1) });
  });

  it('keeps a single file where only one is wanted', async () => {
    const file = open({ maxFiles: 1 });
    for (let n = 1; n <= 3; n++) file.write(line(n));
    await written(file);
    expect(contents()).toEqual({ 'agent.log': line(3) });
  });

  it('never splits a line, however long', async () => {
    const file = open();
    file.write(`${'x'.repeat(500)}\n`);
    file.write(line(1));
    await written(file);
    expect(contents()['agent.log']).toBe(line(1));
    expect(contents()['agent.log.1']).toHaveLength(501);
  });

  it('never renames a device', async () => {
    symlinkSync('/dev/null', path);
    const file = open();
    for (let n = 1; n <= 9; n++) file.write(line(n));
    await written(file);
    expect(readdirSync(folder)).toEqual(['agent.log']);
  });
});

describe('a file that cannot be written', () => {
  it('is told once, loses its lines, and is written again when it can be', async () => {
    symlinkSync('/dev/full', path);
    const file = open();
    file.write(line(1));
    await written(file);
    file.write(line(2));
    await written(file);
    expect(errors).toEqual([expect.stringContaining('ENOSPC')]);
    rmSync(path);
    await new Promise((resolve) => setTimeout(resolve, 30));
    file.write(line(3));
    await written(file);
    expect(contents()).toEqual({ 'agent.log': line(3) });
  });

  it('is told again when it happens again', async () => {
    mkdirSync(path);
    const file = open({ retryMs: 0 });
    file.write(line(1));
    await written(file);
    rmSync(path, { recursive: true });
    file.write(line(2));
    await written(file);
    rmSync(path);
    mkdirSync(path);
    const again = open({ retryMs: 0 });
    again.write(line(3));
    await written(again);
    expect(errors).toHaveLength(2);
  });
});
