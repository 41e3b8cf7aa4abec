import type { Mode, Output } from '../output.ts';

const HEAD = /^(\S+)(?: ".*)?$/;
const ENABLED = /^ {2}Enabled: yes$/;
const MODE = /^ {4}(\d+)x(\d+) px, ([0-9.]+) Hz(?: \((.*)\))?$/;

/**
 * Parses what wlr-randr prints without arguments: the same in every version, where `--json`
 * is not in those of the distributions that are in use.
 */
export function parseWlrRandr(text: string): Output[] {
  const outputs: (Output & { readonly modes: Mode[] })[] = [];
  let enabled = false;
  for (const line of text.split('\n')) {
    const head = HEAD.exec(line);
    if (head) {
      const name = head[1] as string;
      outputs.push({ name, connected: true, primary: false, current: undefined, modes: [] });
      enabled = false;
      continue;
    }
    if (ENABLED.test(line)) enabled = true;
    const mode = MODE.exec(line);
    const output = outputs.at(-1);
    if (!mode || !output) continue;
    const [width, height, refresh] = mode.slice(1, 4).map(Number) as [number, number, number];
    const id = `${width}x${height}`;
    output.modes.push({ id, name: id, width, height, refresh, plain: true });
    if (enabled && mode[4]?.includes('current')) {
      outputs[outputs.length - 1] = { ...output, current: { width, height } };
    }
  }
  return outputs;
}
