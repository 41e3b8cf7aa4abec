import { resizeFailed, sizeRefused } from '../errors.ts';
import { cvtWidth, modeline } from '../modeline.ts';
import { type Mode, modeOfSize, type Output, type Size } from '../output.ts';
import type { Screen, Wanted } from './screen.ts';
import type { SessionTool } from './session-tool.ts';
import { type Listing, parseXrandr } from './xrandr-listing.ts';

/** What this plugin called a mode: no driver names one so. */
const OWN_MODE = /^\d+x\d+_lqx\d*$/;

/** An X server, by xrandr. */
export class X11Screen implements Screen {
  readonly #xrandr: SessionTool;

  constructor(xrandr: SessionTool) {
    this.#xrandr = xrandr;
  }

  async outputs(): Promise<readonly Output[]> {
    return (await this.#list()).outputs;
  }

  async resize({ name }: Output, wanted: Wanted): Promise<Size> {
    const listing = await this.#list('--current');
    const { minimum, maximum } = listing;
    if (wanted.width > maximum.width || wanted.height > maximum.height) {
      throw sizeRefused(wanted, minimum, maximum);
    }
    const problem = await this.#take(name, wanted, listing);
    const after = await this.#list('--current');
    const output = after.outputs.find((candidate) => candidate.name === name);
    const actual = output?.current;
    if (problem !== undefined || !output || !actual) {
      throw resizeFailed(`${name} did not take ${wanted.width}x${wanted.height}`, problem ?? '');
    }
    await this.#forgetModes(output, actual);
    return actual;
  }

  /** @returns what is wrong; undefined: the output has the mode, or says that it has */
  async #take(name: string, wanted: Wanted, listing: Listing): Promise<string | undefined> {
    const modes = listing.outputs.flatMap((output) => output.modes);
    const own = listing.outputs.find((output) => output.name === name)?.modes ?? [];
    const existing = modeOfSize(own, wanted);
    if (existing && (await this.#set(name, existing.id, wanted)) === undefined) return undefined;
    const problem = await this.#takeNew(name, wanted, modes);
    const width = cvtWidth(wanted.width);
    if (problem === undefined || width >= wanted.width) return problem;
    // Real cards count pixels in cells of eight.
    const nearest = { ...wanted, width };
    const rounded = modeOfSize(own, nearest);
    return rounded ? this.#set(name, rounded.id, wanted) : this.#takeNew(name, nearest, modes);
  }

  async #takeNew(
    name: string,
    wanted: Wanted,
    modes: readonly Mode[],
  ): Promise<string | undefined> {
    const mode = freeName(wanted, modes);
    const problem =
      (await this.#run('--newmode', mode, ...modeline(wanted))) ??
      (await this.#run('--addmode', name, mode)) ??
      (await this.#set(name, mode, wanted));
    if (problem !== undefined) await this.#forget(name, mode);
    return problem;
  }

  #set(name: string, mode: string, { dpi }: Wanted): Promise<string | undefined> {
    const resolution = dpi === 0 ? [] : ['--dpi', String(dpi)];
    return this.#run(...resolution, '--output', name, '--mode', mode);
  }

  /** A window that is dragged would leave a mode for every size that it ever had. */
  async #forgetModes({ name, modes }: Output, { width, height }: Size): Promise<void> {
    const unused = modes.filter(
      (mode) => OWN_MODE.test(mode.name) && (mode.width !== width || mode.height !== height),
    );
    for (const mode of unused) await this.#forget(name, mode.name);
  }

  /** It may belong to no output, or to another one too: then it stays. */
  async #forget(name: string, mode: string): Promise<void> {
    await this.#run('--delmode', name, mode);
    await this.#run('--rmmode', mode);
  }

  async #run(...args: string[]): Promise<string | undefined> {
    const { exitCode, stderr } = await this.#xrandr(args);
    return exitCode === 0 ? undefined : stderr || `xrandr ${args[0]} ended with ${exitCode}`;
  }

  /** @param how `--current` does not ask the card anew what is connected */
  async #list(...how: '--current'[]): Promise<Listing> {
    const { exitCode, stdout, stderr } = await this.#xrandr(['--verbose', ...how]);
    const listing = exitCode === 0 ? parseXrandr(stdout) : undefined;
    if (!listing) throw resizeFailed('xrandr does not list the outputs', stderr || stdout);
    return listing;
  }
}

/** The names of modes are the X server's, not an output's: somebody else may have taken one. */
function freeName({ width, height }: Size, modes: readonly Mode[]): string {
  const taken = new Set(modes.map((mode) => mode.name));
  const base = `${width}x${height}_lqx`;
  let name = base;
  for (let next = 2; taken.has(name); next++) name = `${base}${next}`;
  return name;
}
