import type { Document } from 'yaml';
import { loadFailed } from './load-failed.ts';

/** A configuration file, with the place of every key. */
export interface ConfigDocument {
  readonly value: unknown;
  /** Line of the key (or value) at a path such as `['health', 'interval_secs']`; from 1. */
  readonly lineOf: (path: readonly string[]) => number;
}

type Yaml = typeof import('yaml');

/** @throws AgentError CONFIG_LOAD_FAILED saying where it cannot be parsed */
export async function openDocument(text: string, file: string): Promise<ConfigDocument> {
  const yaml: Yaml = await import('yaml');
  const counter = new yaml.LineCounter();
  const document = yaml.parseDocument(text, {
    lineCounter: counter,
    uniqueKeys: true,
    // The line is told apart, and what stands there may be a secret.
    prettyErrors: false,
  });
  const [error] = [...document.errors, ...danglingAliases(yaml, document)];
  const lineAt = (offset: number) => counter.linePos(offset).line;
  if (error) {
    throw loadFailed(`${file}:${lineAt(error.pos[0])}: ${reasonOf(error)}`, error);
  }
  return {
    value: contentOf(document, file),
    lineOf(path) {
      let line = 1;
      for (let depth = 1; depth <= path.length; depth++) {
        const parent = document.getIn(path.slice(0, depth - 1), true);
        const offset = keyOffset(yaml, parent, path[depth - 1] as string);
        if (offset === undefined) break;
        line = lineAt(offset);
      }
      return line;
    },
  };
}

function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw loadFailed(`${file}: ${(error as Error).message}`, error);
  }
}

function keyOffset(yaml: Yaml, parent: unknown, key: string): number | undefined {
  const items = (parent as { items?: unknown[] } | undefined)?.items ?? [];
  for (const [index, item] of items.entries()) {
    if (yaml.isPair(item) && yaml.isScalar(item.key) && String(item.key.value) === key) {
      return item.key.range?.[0];
    }
    if (yaml.isNode(item) && String(index) === key) return item.range?.[0];
  }
  return undefined;
}

/** The parser leaves these to who reads the values, without saying where. */
function danglingAliases(
  yaml: Yaml,
  document: Document,
): readonly { readonly message: string; readonly pos: readonly [number] }[] {
  const found: { message: string; pos: [number] }[] = [];
  yaml.visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document)) return;
      const message = `there is no anchor ${alias.source} before this`;
      found.push({ message, pos: [alias.range?.[0] ?? 0] });
    },
  });
  return found;
}

function reasonOf({ code, message }: { readonly code?: string; readonly message: string }): string {
  return code === 'MULTIPLE_DOCS' ? 'a second document begins, after "---"' : message;
}
