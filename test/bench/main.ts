import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../support/agent-process.ts';
import type { Case } from './case.ts';
import { CASES } from './cases/index.ts';
import { evaluate, type RowResult } from './evaluate.ts';
import { describeMachine, machineLine } from './machine.ts';
import { helpText, type Options, parseOptions } from './options.ts';
import { writePerformancePage } from './performance-page.ts';
import { type CaseResult, runCase } from './run-case.ts';
import { runMicro } from './run-micro.ts';
import { renderSummary, renderTable } from './table.ts';

await main();

async function main(): Promise<void> {
  let options: Options;
  try {
    options = parseOptions(
      process.argv.slice(2),
      CASES.map(({ name }) => name),
    );
  } catch (error) {
    console.error(`npm run bench: ${(error as Error).message}`);
    process.exitCode = 2;
    return;
  }
  if (options.help) console.log(helpText(CASES));
  else if (options.micro) await runMicro();
  else await measure(options);
}

async function measure({ quick, only, json, writeDocs }: Options): Promise<void> {
  const machine = describeMachine();
  console.log(machineLine(machine));
  if ((machine.load[0] ?? 0) > machine.cores / 2) {
    console.log('The machine is busy: trust ratios of one run only, and not single milliseconds.');
  }
  const wanted = CASES.filter(({ name }) => only?.includes(name) ?? true);
  const { rows, ...measured } = await runAll(wanted, quick);
  console.log(`\n${renderTable(rows)}\n\n${renderSummary(rows)}`);
  const results = { machine, quick, rows, ...measured };
  const file =
    json ?? join(ROOT, 'test/bench/results', `${machine.date.replaceAll(':', '-')}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  console.log(`Results: ${file}`);
  if (Object.keys(measured.failed).length > 0) process.exitCode = 1;
  else if (writeDocs)
    console.log(`Written: ${writePerformancePage(machine, rows, measured.cases)}`);
}

interface Measured {
  readonly rows: RowResult[];
  readonly cases: CaseResult[];
  /** Why a case could not run, by its name. */
  readonly failed: Record<string, string>;
}

/** A case that cannot run does not keep the others from it. */
async function runAll(wanted: readonly Case[], quick: boolean): Promise<Measured> {
  const measured: Measured = { rows: [], cases: [], failed: {} };
  for (const it of wanted) {
    try {
      const result = await runCase(it, { quick, onRound: progress(it) });
      measured.cases.push(result);
      measured.rows.push(...it.rows.map((row) => evaluate(row, result)));
      clearLine();
      console.log(`${it.name}: ${result.seconds.toFixed(1)} s`);
      for (const text of result.remarks) console.log(`  ${text}`);
    } catch (error) {
      clearLine();
      measured.failed[it.name] = (error as Error).message;
      console.error(`${it.name} could not run: ${(error as Error).stack}`);
    }
  }
  return measured;
}

function progress({ name }: Case): (done: number, rounds: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (done, rounds) => process.stderr.write(`\r${name}: round ${done + 1} of ${rounds} `);
}

function clearLine(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
