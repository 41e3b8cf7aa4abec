import { compositorHasNoProtocol, resizeFailed } from '../errors.ts';
import { modeOfSize, type Output, type Size } from '../output.ts';
import type { Screen, Wanted } from './screen.ts';
import type { SessionTool } from './session-tool.ts';
import { parseWlrRandr } from './wlr-randr-listing.ts';

/** A compositor that has wlr-output-management, by wlr-randr. */
export class WaylandScreen implements Screen {
  readonly #wlrRandr: SessionTool;
  readonly #desktop: string;

  constructor(wlrRandr: SessionTool, desktop: string) {
    this.#wlrRandr = wlrRandr;
    this.#desktop = desktop;
  }

  async outputs(): Promise<readonly Output[]> {
    const { exitCode, stdout, stderr } = await this.#wlrRandr([]);
    if (stderr.includes("doesn't support")) throw compositorHasNoProtocol(this.#desktop);
    if (exitCode !== 0) throw resizeFailed('wlr-randr does not list the outputs', stderr);
    return parseWlrRandr(stdout);
  }

  async resize({ name, modes }: Output, wanted: Wanted): Promise<Size> {
    const { width, height } = wanted;
    const how = modeOfSize(modes, wanted) ? '--mode' : '--custom-mode';
    const args = ['--output', name, '--on', how, `${width}x${height}`];
    const { exitCode, stderr } = await this.#wlrRandr(args);
    if (exitCode !== 0) throw resizeFailed(`${name} did not take ${width}x${height}`, stderr);
    const output = (await this.outputs()).find((candidate) => candidate.name === name);
    // Some compositors accept a mode that is not in their list, and do not tell it afterwards.
    return output?.current ?? { width, height };
  }
}
