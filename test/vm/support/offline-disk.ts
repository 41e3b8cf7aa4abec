import { execFileSync, spawnSync } from 'node:child_process';

/** What a disk of a machine holds, as after a power cut, looked at with this machine's tools. */
export class OfflineDisk {
  readonly #raw: string;

  /** @param file in qcow2, which may be in use as long as nobody writes to it */
  constructor(file: string) {
    this.#raw = `${file}.raw`;
    execFileSync('qemu-img', ['convert', '--force-share', '-O', 'raw', file, this.#raw]);
  }

  /** Whether its filesystem is without a fault and was left with nothing to recover. */
  state(): { readonly faults: string; readonly needsRecovery: boolean } {
    const head = execFileSync('dumpe2fs', ['-h', this.#raw], { encoding: 'utf8', stdio: QUIET });
    const check = spawnSync('e2fsck', ['-fn', this.#raw], { encoding: 'utf8' });
    return {
      faults: check.status === 0 ? '' : check.stdout + check.stderr,
      needsRecovery: /^Filesystem features:.*\bneeds_recovery\b/m.test(head),
    };
  }

  /** A file of its filesystem, by the path from its root. */
  read(path: string): string {
    const command = ['-R', `cat ${path}`, this.#raw];
    return execFileSync('debugfs', command, { encoding: 'utf8', stdio: QUIET });
  }
}

const QUIET: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
