import { type Bench, type Case, type Contestant, isVariant, type Metrics } from './case.ts';
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
  /** Who could not take part, or failed in the middle, and why. */
  readonly absent: Readonly<Record<string, string>>;
  /** What a reader of the figures must know. */
  readonly remarks: readonly string[];
}

const WARM_UP = 2;
/** On a machine with much else to do a quick run has fewer rounds rather than more minutes. */
const QUICK_CASE_S = 7;
const LEAST_ROUNDS = 3;

/**
 * Every contestant once a round, each round in another order.
 * @throws Error where one of ours fails; a peer that does is out, with all its rounds
 */
export async function runCase(it: Case, { quick, onRound }: RunOptions): Promise<CaseResult> {
  await using workspace = new Workspace();
  const begin = performance.now();
  const absent: Record<string, string> = {};
  const remarks: string[] = [];
  const bench: Bench = {
    quick,
    workspace,
    absent: (contestant, why) => {
      absent[contestant] = why;
    },
    remark: (text) => {
      remarks.push(text);
    },
  };
  const contestants = await it.open(bench);
  const measured = Object.fromEntries(contestants.map(({ name }) => [name, [] as Metrics[]]));
  const measureOne = async ({ name, measure }: Contestant, counts: boolean) => {
    if (name in absent) return;
    try {
      const metrics = await measure();
      if (counts) measured[name]?.push(metrics);
    } catch (error) {
      if (!isPeer(name, it)) throw error;
      absent[name] = `it failed: ${(error as Error).message}`;
      delete measured[name];
    }
  };
  const warmUp = it.warmUp ?? WARM_UP;
  const planned = quick ? it.rounds.quick : it.rounds.full;
  const seconds = () => (performance.now() - begin) / 1000;
  let rounds = 0;
  for (let round = 0; rounds < planned; round++) {
    if (quick && rounds >= LEAST_ROUNDS && seconds() > QUICK_CASE_S) break;
    onRound(round, warmUp + planned);
    const counts = round >= warmUp;
    for (const contestant of rotated(contestants, round)) await measureOne(contestant, counts);
    if (counts) rounds++;
  }
  return { name: it.name, rounds, seconds: seconds(), contestants: measured, absent, remarks };
}

/** Whether it is there only for others to be held against. */
function isPeer(name: string, { rows }: Case): boolean {
  return (
    rows.some(({ against }) => against && isVariant(name, against.contestant)) &&
    rows.every(({ of = 'agent' }) => !isVariant(name, of))
  );
}

function rotated(contestants: readonly Contestant[], by: number): Contestant[] {
  const start = by % Math.max(1, contestants.length);
  return [...contestants.slice(start), ...contestants.slice(0, start)];
}
