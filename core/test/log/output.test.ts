import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Output } from '../../src/log/output.ts';
import { temporaryFolder } from '../temporary.ts';

const open: number[] = [];
afterEach(() => {
  for (const descriptor of open.splice(0)) closeSync(descriptor);
});

function descriptorOf(path: string, flags: number): number {
  const descriptor = openSync(path, flags);
  open.push(descriptor);
  return descriptor;
}

function outputTo(descriptor: number): { output: Output; errors: string[] } {
  const errors: string[] = [];
  const onError = (error: Error) => errors.push(error.message);
  return { output: new Output({ descriptor, onError }), errors };
}

const ended = (output: Output) => new Promise<void>((resolve) => output.end(resolve));

describe('the output', () => {
  it('has all lines in their order', async () => {
    const file = join(temporaryFolder(), 'out');
    const { output } = outputTo(descriptorOf(file, constants.O_CREAT | constants.O_WRONLY));
    const lines = Array.from({ length: 1000 }, (_, i) => `line ${i}\n`);
    for (const line of lines) output.write(line);
    await ended(output);
    expect(readFileSync(file, 'utf8')).toBe(lines.join(''));
  });

  it('waits for a pipe that is full without stopping anything else', async () => {
    const fifo = join(temporaryFolder(), 'fifo');
    execFileSync('mkfifo', [fifo]);
    const reader = descriptorOf(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = descriptorOf(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    const { output, errors } = outputTo(writer);
    const text = 'x'.repeat(300_000);
    output.write(text);
    let done = false;
    const end = ended(output).then(() => {
      done = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(done).toBe(false);
    let length = 0;
    const chunk = Buffer.alloc(65_536);
    await expect
      .poll(() => {
        try {
          length += readSync(reader, chunk);
        } catch {
          // Nothing there yet.
        }
        return length;
      })
      .toBe(text.length);
    await end;
    expect(errors).toEqual([]);
  });

  it('that nobody reads any more is told of once, and the rest is dropped', async () => {
    const { output, errors } = outputTo(descriptorOf('/dev/full', constants.O_WRONLY));
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => output.write(`line ${i}\n`, resolve));
    }
    expect(errors).toEqual([expect.stringContaining('ENOSPC')]);
  });
});
