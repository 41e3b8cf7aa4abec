import type { Logger } from '@limiquantix/plugin-sdk';
import { withCleanInheritance } from '@limiquantix/plugin-sdk/guest';
import type { Child, Stdio } from './child.ts';
import type { Launch } from './launch.ts';
import { type OpenPipe, pipesOfLibc } from './pipe.ts';
import { PosixSpawner } from './posix-spawn.ts';
import { spawnByNode } from './spawn-by-node.ts';

/** Starts programs in the cheapest way that the guest has. */
export class Spawner {
  /** Undefined: a child's streams are sockets. */
  readonly openPipe: OpenPipe | undefined;
  readonly #posix: PosixSpawner | undefined;

  constructor(log: Logger) {
    const attempt = <T>(load: () => T, without: string): T | undefined => {
      try {
        return load();
      } catch (cause) {
        log.warn(without, { cause });
        return undefined;
      }
    };
    this.openPipe = attempt(pipesOfLibc, 'commands get sockets, which /dev/stdout cannot open');
    this.#posix =
      this.openPipe && attempt(() => new PosixSpawner(), 'commands start slower: by a fork');
  }

  /**
   * The program is started before this returns.
   * @throws Error with the kernel's code where it cannot be executed
   */
  spawn(launch: Launch, stdio: Stdio): Promise<Child> {
    return withCleanInheritance(async () => {
      const asAgent = launch.uid === undefined && launch.gid === undefined;
      if (this.#posix && asAgent) return this.#posix.spawn(launch, stdio);
      return spawnByNode(launch, stdio);
    });
  }

  close(): void {
    this.#posix?.close();
  }
}
