import type { Bench, Case, Contestant, Metrics } from './case.ts';
import { Workspace } from './workspace.ts';

export interface RunOptions {
  readonly quick: boolean;
  readonly onRound: (done: number, rounds: number) => void;
}

/** What a case measured: for each contestant its metrics, round by round. */
export interface CaseResult {
  readonly name: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly contestants: Readonly<Record<string, readonly Metrics[]>>;
  /** Who could not take part, and why. */
  readonly absent: Readonly<Record<string, string>>;
}

const WARM_UP = 2;

/** Every contestant once a round, each round in another order. */
export async function runCase(it: Case, { quick, onRound }: RunOptions): Promise<CaseResult> {
  await using workspace = new Workspace();
  const begin = performance.now();
  const absent: Record<string, string> = {};
  const bench: Bench = {
    quick,
    workspace,
    absent: (contestant, why) => {
      absent[contestant] = why;
    },
  };
  const contestants = await it.open(bench);
  const measured = Object.fromEntries(contestants.map(({ name }) => [name, [] as Metrics[]]));
  const warmUp = it.warmUp ?? WARM_UP;
  const rounds = quick ? it.rounds.quick : it.rounds.full;
  for (let round = 0; round < warmUp + rounds; round++) {
    onRound(round, warmUp + rounds);
    for (const { name, measure } of rotated(contestants, round)) {
      const metrics = await measure();
      if (round >= warmUp) measured[name]?.push(metrics);
    }
  }
  const seconds = (performance.now() - begin) / 1000;
  return { name: it.name, rounds, seconds, contestants: measured, absent };
}

function rotated(contestants: readonly Contestant[], by: number): Contestant[] {
  const start = by % Math.max(1, contestants.length);
  return [...contestants.slice(start), ...contestants.slice(0, start)];
}
