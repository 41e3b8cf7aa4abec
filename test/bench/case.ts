import type { Workspace } from './workspace.ts';

/** What one round of one contestant came to, by metric. */
export type Metrics = Readonly<Record<string, number>>;

/** One of those that are compared. */
export interface Contestant {
  readonly name: string;
  /** One round. */
  measure(): Promise<Metrics>;
}

/** Whether it is that contestant, or runs in a variant of its own (`qemu-ga 1 MiB`). */
export function isVariant(name: string, contestant: string): boolean {
  return name === contestant || name.startsWith(`${contestant} `);
}

/** What a case works with. */
export interface Bench {
  /** Whether it is to be over soon. */
  readonly quick: boolean;
  readonly workspace: Workspace;
  /** Says that a contestant cannot take part, and what to do about it. */
  absent(contestant: string, why: string): void;
  /** Says what a reader of this run's figures must know. */
  remark(text: string): void;
}

/** A line of the table: one contestant's metric, alone or held against another's. */
export interface Row {
  readonly title: string;
  readonly metric: string;
  /** @default 'agent' */
  readonly of?: string;
  /** Against whom, and whether the figure is the quotient or the difference. */
  readonly against?: { readonly contestant: string; readonly by: 'ratio' | 'difference' };
  /** Of the metric. */
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** What must be reached, and what is aimed at; a row without them informs. */
  readonly gate?: number;
  readonly goal?: number;
}

export interface Case {
  /** As `--only` takes it. */
  readonly name: string;
  readonly about: string;
  readonly rounds: { readonly quick: number; readonly full: number };
  /** Rounds that are not counted: code gets compiled, caches fill. @default 2 */
  readonly warmUp?: number;
  readonly rows: readonly Row[];
  /** Makes everything ready. What it starts belongs to the workspace. */
  open(bench: Bench): Promise<readonly Contestant[]>;
}

/** Against another contestant's figure of the same round. */
export function ratioTo(contestant: string): NonNullable<Row['against']> {
  return { contestant, by: 'ratio' };
}

export function differenceTo(contestant: string): NonNullable<Row['against']> {
  return { contestant, by: 'difference' };
}
