// Tar archives whose bytes depend on nothing but what is put in.
const BLOCK = 512;

/**
 * @typedef {{ path: string, mode: number, content?: Buffer }} TarEntry
 *   A directory where there is no content. Everything belongs to root.
 */

/**
 * @param {readonly TarEntry[]} entries
 * @param {number} time of every entry, in seconds
 * @returns {Buffer}
 */
export function writeTar(entries, time) {
  const blocks = entries.flatMap((entry) => {
    const content = entry.content ?? Buffer.alloc(0);
    return [header(entry, content.length, time), content, Buffer.alloc(padding(content.length))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header({ path, mode, content }, size, time) {
  const [folder, name] = split(content ? path : `${path}/`);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write(folder, 345);
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(time, 12), 136);
  block.write(' '.repeat(8), 148);
  block.write(content ? '0' : '5', 156);
  block.write('ustar\u000000', 257);
  block.write('root', 265);
  block.write('root', 297);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)}\0 `, 148);
  return block;
}

/** Into what fits the fields for a folder, of 155 bytes, and for a name, of 100. */
function split(path) {
  if (path.length <= 100) return ['', path];
  const at = path.indexOf('/', path.length - 101);
  if (at < 0 || at > 155) throw new Error(`${path} is too long for a tar archive`);
  return [path.slice(0, at), path.slice(at + 1)];
}

/**
 * @param {Buffer} tar of files whose paths have at most 100 bytes
 * @param {readonly string[]} wanted
 * @returns {Map<string, Buffer>} the content of those files
 */
export function readTar(tar, wanted) {
  const found = new Map();
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const path = text(tar, at, 100);
    const size = Number.parseInt(text(tar, at + 124, 12), 8);
    const begin = at + BLOCK;
    if (wanted.includes(path)) found.set(path, tar.subarray(begin, begin + size));
    at = begin + size + padding(size);
  }
  const missing = wanted.filter((path) => !found.has(path));
  if (missing.length > 0) throw new Error(`the archive has no ${missing.join(', ')}`);
  return found;
}

function octal(value, width) {
  return value.toString(8).padStart(width - 1, '0');
}

function padding(size) {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function text(tar, at, length) {
  const end = tar.indexOf(0, at);
  return tar.toString('utf8', at, Math.min(end, at + length));
}
