import { expect, it } from 'vitest';
import { type Case, type Contestant, ratioTo } from './case.ts';
import { evaluate } from './evaluate.ts';
import { runCase } from './run-case.ts';

const ROW = { metric: 'ms', unit: 'ms', better: 'lower' } as const;

function caseOf(contestants: readonly Contestant[]): Case {
  return {
    name: 'example',
    about: 'nothing',
    rounds: { quick: 3, full: 3 },
    rows: [
      { ...ROW, title: 'alone' },
      { ...ROW, title: 'compared', against: ratioTo('peer') },
    ],
    open: async () => contestants,
  };
}

/** @param rounds after which it fails */
function contestant(name: string, ms: number, rounds = Number.POSITIVE_INFINITY): Contestant {
  let done = 0;
  const measure = async () => {
    if (done++ >= rounds) throw new Error('no longer there');
    return { ms };
  };
  return { name, measure };
}

const run = async (it: Case) => {
  const result = await runCase(it, { quick: true, onRound: () => undefined });
  return it.rows.map((row) => evaluate(row, result));
};

it('holds ours against the best of the variants of a peer', async () => {
  const rows = await run(
    caseOf([contestant('agent', 10), contestant('peer a', 20), contestant('peer b', 5)]),
  );
  expect(rows.map(({ figure, note }) => [figure?.median, note])).toEqual([
    [10, undefined],
    [2, undefined],
  ]);
});

it('says of a peer that fails in the middle that it did, and measures the rest', async () => {
  const rows = await run(caseOf([contestant('peer', 20, 4), contestant('agent', 10)]));
  expect(rows.map(({ figure, note }) => [figure?.median, note])).toEqual([
    [10, undefined],
    [undefined, 'peer: it failed: no longer there'],
  ]);
});

it('goes on with the variants of a peer that do not fail', async () => {
  const rows = await run(
    caseOf([contestant('peer a', 1, 0), contestant('agent', 10), contestant('peer b', 5)]),
  );
  expect(rows[1]?.figure?.median).toBe(2);
});

it('fails with ours', async () => {
  const failing = caseOf([contestant('peer', 20), contestant('agent', 10, 2)]);
  await expect(run(failing)).rejects.toThrow('no longer there');
});
