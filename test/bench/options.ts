import { parseArgs } from 'node:util';

export interface Options {
  readonly help: boolean;
  readonly quick: boolean;
  readonly micro: boolean;
  readonly writeDocs: boolean;
  /** Names of cases; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Where the results go, besides their usual place. */
  readonly json: string | undefined;
}

export function helpText(
  cases: readonly { readonly name: string; readonly about: string }[],
): string {
  const list = cases.map(({ name, about }) => `  ${name.padEnd(20)}${about}`).join('\n');
  return `Usage: npm run bench -- [options]

Measures the bundled agent against qemu-ga and the floors of the machine, round by round.

Options:
  --quick         fewer rounds: the same rows in under two minutes
  --only A,B      these cases alone
  --json FILE     where the results go (default test/bench/results/<time>.json)
  --write-docs    writes the table into docs/performance.md
  --micro         the micro-benchmarks instead: single functions, in this process
  --help          print this

Cases:
${list}

Exit codes: 0 all cases ran, whatever the figures; 1 a case could not run; 2 wrong options.
`;
}

/** @throws Error with a text for the user */
export function parseOptions(argv: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: 'boolean' },
      quick: { type: 'boolean' },
      micro: { type: 'boolean' },
      'write-docs': { type: 'boolean' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const only = values.only?.split(',').map((name) => name.trim());
  const unknown = only?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`no case is named "${unknown}"; there are ${known.join(', ')}`);
  }
  if (values['write-docs'] && (only || values.quick)) {
    throw new Error('--write-docs is about a whole run: leave out --only and --quick');
  }
  return {
    help: values.help ?? false,
    quick: values.quick ?? false,
    micro: values.micro ?? false,
    writeDocs: values['write-docs'] ?? false,
    only,
    json: values.json,
  };
}
