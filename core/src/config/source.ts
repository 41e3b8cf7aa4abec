import { statSync } from 'node:fs';
import { AgentError } from '@limiquantix/agent-proto';
import { cosmiconfigSync } from 'cosmiconfig';
import { type Document, isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';

/** Nobody writes so much by hand. */
const MAX_BYTES = 1024 * 1024;

/** A configuration file as parsed, with the place of every key. */
export interface ConfigSource {
  readonly file: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** Line of the key (or value) at a path such as `['health', 'interval_secs']`; from 1. */
  lineOf(path: readonly string[]): number;
}

/** @throws AgentError CONFIG_LOAD_FAILED where it cannot be read, trusted or parsed */
export function readConfigSource(file: string): ConfigSource {
  requireTrusted(file);
  const lines = new LineCounter();
  let document: Document | undefined;
  const parse = (path: string, text: string): unknown => {
    const parsed = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
    const [error] = [...parsed.errors, ...danglingAliases(parsed)];
    if (error) {
      const line = lines.linePos(error.pos[0]).line;
      throw loadFailed(`${path}:${line}: ${firstLine(error.message)}`, error);
    }
    document = parsed;
    return parsed.toJS() ?? {};
  };
  const value = loadWith(parse, file);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw loadFailed(`${file}:1: the file must hold keys and values`);
  }
  return {
    file,
    value: value as Record<string, unknown>,
    lineOf: (path) => (document ? lineOf(document, lines, path) : 1),
  };
}

function loadWith(parse: (path: string, text: string) => unknown, file: string): unknown {
  const loaders = { '.yaml': parse, '.yml': parse, '.json': parse, noExt: parse };
  try {
    const result = cosmiconfigSync('limiquantix', { loaders, searchPlaces: [] }).load(file);
    return result?.isEmpty ? {} : result?.config;
  } catch (error) {
    if (AgentError.is(error)) throw error;
    throw loadFailed(`${file}: ${(error as Error).message}`, error);
  }
}

/** Who can write the configuration rules the agent, and so the guest. */
function requireTrusted(file: string): void {
  try {
    const facts = statSync(file);
    const { uid, mode, size } = facts;
    if (!facts.isFile()) throw loadFailed(`${file} is not a file`);
    if (size > MAX_BYTES) throw loadFailed(`${file} has ${size} bytes, ${MAX_BYTES} are allowed`);
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
    throw loadFailed(`${file}: ${(error as Error).message}`, error);
  }
}

function lineOf(document: Document, lines: LineCounter, path: readonly string[]): number {
  let line = 1;
  for (let depth = 1; depth <= path.length; depth++) {
    const parent = document.getIn(path.slice(0, depth - 1), true);
    const offset = keyOffset(parent, path[depth - 1] as string);
    if (offset === undefined) break;
    line = lines.linePos(offset).line;
  }
  return line;
}

function keyOffset(parent: unknown, key: string): number | undefined {
  const items = (parent as { items?: unknown[] } | undefined)?.items ?? [];
  for (const [index, item] of items.entries()) {
    if (isPair(item) && isScalar(item.key) && String(item.key.value) === key) {
      return item.key.range?.[0];
    }
    if (isNode(item) && String(index) === key) return item.range?.[0];
  }
  return undefined;
}

/** The parser leaves these to who reads the values, without saying where. */
function danglingAliases(document: Document): { message: string; pos: [number] }[] {
  const found: { message: string; pos: [number] }[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document)) return;
      const message = `there is no anchor ${alias.source} before this`;
      found.push({ message, pos: [alias.range?.[0] ?? 0] });
    },
  });
  return found;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] as string;
}

function loadFailed(detail: string, cause?: unknown, resolution?: string): AgentError {
  return new AgentError('CONFIG_LOAD_FAILED', { detail, cause, resolution });
}
