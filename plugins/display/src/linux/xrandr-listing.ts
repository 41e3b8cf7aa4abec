import type { Mode, Output, Size } from '../output.ts';

/** What `xrandr --verbose` prints, as far as it matters here. */
export interface Listing {
  readonly minimum: Size;
  /** Of the whole screen, on which all outputs lie. */
  readonly maximum: Size;
  /**
   * Modes that belong to no output are printed after the last one and look like its own.
   */
  readonly outputs: readonly Output[];
}

const SCREEN = /^Screen \d+: minimum (\d+) x (\d+), current \d+ x \d+, maximum (\d+) x (\d+)\s*$/m;
const OUTPUT =
  /^(\S+) (connected|disconnected|unknown connection)( primary)?(?: (\d+)x(\d+)[+-]\d)?/;
const MODE = /^ {2}(\S.*) \((0x[0-9a-f]+)\) +[0-9.]+MHz(.*)$/;
const ACROSS = /^\s+h: width +(\d+) /;
const DOWN = /^\s+v: height +(\d+) .* clock +([0-9.]+)Hz/;

/** @returns undefined where the text is no such listing */
export function parseXrandr(text: string): Listing | undefined {
  const screen = SCREEN.exec(text);
  if (!screen) return undefined;
  const [minWidth, minHeight, maxWidth, maxHeight] = screen.slice(1).map(Number);
  return {
    minimum: { width: minWidth as number, height: minHeight as number },
    maximum: { width: maxWidth as number, height: maxHeight as number },
    outputs: parseOutputs(text.split('\n')),
  };
}

function parseOutputs(lines: readonly string[]): Output[] {
  const outputs: (Output & { readonly modes: Mode[] })[] = [];
  let mode: Omit<Mode, 'height' | 'refresh'> | undefined;
  for (const line of lines) {
    const output = OUTPUT.exec(line);
    if (output) {
      outputs.push({ ...describe(output), modes: [] });
      mode = undefined;
      continue;
    }
    const begun = MODE.exec(line);
    if (begun) {
      const [, name, id, flags] = begun as unknown as [string, string, string, string];
      mode = { name, id, width: 0, plain: !/Interlace|DoubleScan/.test(flags) };
      continue;
    }
    if (mode === undefined) continue;
    const across = ACROSS.exec(line);
    if (across) mode = { ...mode, width: Number(across[1]) };
    const down = DOWN.exec(line);
    if (down) {
      const [height, refresh] = [Number(down[1]), Number(down[2])];
      outputs.at(-1)?.modes.push({ ...mode, height, refresh });
      mode = undefined;
    }
  }
  return outputs;
}

function describe([, name, state, primary, width, height]: RegExpExecArray) {
  return {
    name: name as string,
    connected: state === 'connected',
    primary: primary !== undefined,
    current: width === undefined ? undefined : { width: Number(width), height: Number(height) },
  };
}
