import { readdir, readFile, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path/posix';

/**
 * What the kernel and udev say about the machine in /proc, /sys and /run. It is read by the
 * thread pool: a driver may ask its device first. What is not there is empty.
 */
export class SystemFiles {
  readonly #root: string;

  /** @param root where another machine's files lie */
  constructor(root = '/') {
    this.#root = root;
  }

  /** Without the blanks and NULs around it, which firmware and SCSI pad with. */
  async text(path: string): Promise<string> {
    const bytes = await this.bytes(path);
    return bytes.toString().replace(/^[\s\0]+|[\s\0]+$/g, '');
  }

  async bytes(path: string): Promise<Buffer> {
    try {
      return await readFile(this.path(path));
    } catch {
      return Buffer.alloc(0);
    }
  }

  /** In the order of their code points. */
  async names(directory: string): Promise<readonly string[]> {
    try {
      return (await readdir(this.path(directory))).sort();
    } catch {
      return [];
    }
  }

  /** Where a link leads in the end. */
  async target(link: string): Promise<string> {
    try {
      const [root, target] = await Promise.all([realpath(this.#root), realpath(this.path(link))]);
      return `/${relative(root, target)}`;
    } catch {
      return '';
    }
  }

  /** Of a file, for whoever reads it otherwise. */
  path(path: string): string {
    return join(this.#root, path);
  }
}
