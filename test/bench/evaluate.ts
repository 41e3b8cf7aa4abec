import { isVariant, type Row } from './case.ts';
import type { CaseResult } from './run-case.ts';
import { pairwise, quantile, type Spread, spreadOf } from './statistics.ts';

export type Mark = 'goal' | 'gate' | 'missed' | 'info';

/** A row of the table with its figures. */
export interface RowResult extends Row {
  readonly case: string;
  /** Of the metric, in the row's unit. */
  readonly ours: Spread | undefined;
  readonly theirs: Spread | undefined;
  /** What gate and goal are about: the metric itself, or ratio or difference round by round. */
  readonly figure: Spread | undefined;
  readonly mark: Mark;
  /** Why there is no figure. */
  readonly note: string | undefined;
}

const COMBINE = {
  ratio: (ours: number, theirs: number) => ours / theirs,
  difference: (ours: number, theirs: number) => ours - theirs,
} as const;

export function evaluate(row: Row, result: CaseResult): RowResult {
  const of = row.of ?? 'agent';
  const ours = best(row, of, result);
  const theirs = row.against && best(row, row.against.contestant, result);
  const why = [of, row.against?.contestant].flatMap((name) =>
    name ? whyAbsent(name, result) : [],
  )[0];
  const figures = row.against ? pairwise(ours, theirs ?? [], COMBINE[row.against.by]) : ours;
  const figure = spreadOrNone(figures);
  return {
    ...row,
    case: result.name,
    ours: spreadOrNone(ours),
    theirs: theirs && spreadOrNone(theirs),
    figure,
    mark: figure ? markOf(row, figure.median) : 'info',
    note: figure ? undefined : (why ?? 'not measured'),
  };
}

function whyAbsent(contestant: string, { absent }: CaseResult): string[] {
  const names = Object.keys(absent).filter((name) => isVariant(name, contestant));
  return names.map((name) => `${name}: ${absent[name]}`);
}

/** A contestant's rounds; of one that ran in variants (`qemu-ga 1 MiB`) those of the best. */
function best({ metric, better }: Row, name: string, { contestants }: CaseResult): number[] {
  const variants = Object.entries(contestants)
    .filter(([variant]) => isVariant(variant, name))
    .map(([, rounds]) => rounds.flatMap((metrics) => metrics[metric] ?? []));
  const sign = better === 'lower' ? 1 : -1;
  const [first] = variants.sort((a, b) => sign * (quantile(a, 0.5) - quantile(b, 0.5)));
  return first ?? [];
}

function spreadOrNone(values: readonly number[]): Spread | undefined {
  return values.length > 0 ? spreadOf(values) : undefined;
}

export function markOf({ better, gate, goal }: Row, value: number): Mark {
  const reaches = (target: number) => (better === 'lower' ? value <= target : value >= target);
  if (gate === undefined) return 'info';
  if (goal !== undefined && reaches(goal)) return 'goal';
  return reaches(gate) ? 'gate' : 'missed';
}
