import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { AgentError } from '@limiquantix/agent-proto';
import { loadFailed } from './load-failed.ts';
import { PARSED } from './precompiled.ts';
import type { Yaml } from './read-yaml.ts';

/** Nobody writes so much by hand. */
const MAX_BYTES = 1024 * 1024;

/** A configuration file as parsed. */
export interface ConfigSource {
  readonly file: string;
  readonly value: Readonly<Record<string, unknown>>;
  /**
   * Lines of the keys (or values) at paths such as `['health', 'interval_secs']`; from 1.
   * To be asked only to say what is wrong: it reads the text again.
   */
  linesOf(paths: readonly (readonly string[])[]): Promise<number[]>;
}

/** @throws AgentError CONFIG_LOAD_FAILED where it cannot be read, trusted or parsed */
export async function readConfigSource(file: string): Promise<ConfigSource> {
  requireTrusted(file);
  const { text, parsed } = await load(file);
  requireUtf8(text, file);
  const document = async () => (await import('./document.ts')).openDocument(text, file);
  const value = (parsed ?? (await document())).value ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw loadFailed(`${file}:1: the file must hold keys and values`);
  }
  return {
    file,
    value: value as Record<string, unknown>,
    linesOf: async (paths) => paths.map((await document()).lineOf),
  };
}

/** Reading replaces what is no UTF-8: a path that is to be denied would be another. */
function requireUtf8(text: string, file: string): void {
  const at = text.indexOf('\ufffd');
  if (at < 0 || isUtf8(readFileSync(file))) return;
  const line = text.slice(0, at).split('\n').length;
  throw loadFailed(`${file}:${line}: it is not UTF-8`, undefined, 'Save the file as UTF-8');
}

async function load(file: string): Promise<Yaml> {
  try {
    // As it is installed, and so on most guests: none of those who read it is loaded.
    const installed = readFileSync(file, 'utf8');
    const known = PARSED.get(installed);
    if (known !== undefined) return { text: installed, parsed: { value: JSON.parse(known) } };
    const { readYaml } = await import('./read-yaml.ts');
    return readYaml(file);
  } catch (error) {
    throw loadFailed(`${file}: ${(error as Error).message}`, error);
  }
}

/** Who can write the configuration rules the agent, and so the guest. */
function requireTrusted(file: string): void {
  try {
    const facts = statSync(file);
    const { uid, mode, size } = facts;
    if (!facts.isFile()) {
      throw loadFailed(`${file} is not a file`, undefined, 'Give the path of a YAML file');
    }
    if (size > MAX_BYTES) {
      throw loadFailed(
        `${file} has ${size} bytes, ${MAX_BYTES} are allowed`,
        undefined,
        'See whether it is a configuration at all',
      );
    }
    if (process.platform === 'win32') return;
    if (uid !== 0 && uid !== process.geteuid?.()) {
      throw loadFailed(
        `${file} belongs to user ${uid}, not to root`,
        undefined,
        `chown root ${file}`,
      );
    }
    if ((mode & 0o022) !== 0) {
      throw loadFailed(`${file} is writable by others`, undefined, `chmod go-w ${file}`);
    }
  } catch (error) {
    if (AgentError.is(error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      const resolution = 'Correct the path, or create the file';
      throw loadFailed(`${file} does not exist`, error, resolution);
    }
    throw loadFailed(`${file}: ${message}`, error, 'See whether the path is right');
  }
}
