import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from 'tinybench';
import { ROOT } from '../support/agent-process.ts';
import { digits } from './table.ts';

const FILES = '{proto,core,sdk/*,plugins/*}/bench/*.bench.ts';

/** Runs the micro-benchmarks that stand beside the code, each exporting `bench`. */
export async function runMicro(): Promise<void> {
  for (const file of globSync(FILES, { cwd: ROOT }).sort()) {
    const { bench } = (await import(join(ROOT, file))) as { readonly bench: Bench };
    await bench.run();
    console.log(`\n${bench.name} (${file})`);
    for (const { name, result } of bench.tasks) {
      if (result.state !== 'completed') throw new Error(`${file}: "${name}" ${result.state}`);
      const { p50, p99 } = result.latency;
      console.log(`  ${name.padEnd(32)}p50 ${micros(p50)}  p99 ${micros(p99)}`);
    }
  }
}

function micros(ms: number): string {
  return `${digits(ms * 1000)} µs`.padStart(10);
}
