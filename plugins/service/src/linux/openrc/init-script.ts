import { closeSync, openSync, readSync } from 'node:fs';

/** What an init script says of itself. */
export interface ScriptFacts {
  readonly displayName: string;
  readonly description: string;
}

/** They stand at the beginning. */
const HEAD_BYTES = 8192;

/** Only what is written out: a text that the script would compute is left out. */
export function readScript(path: string): ScriptFacts {
  const head = headOf(path);
  return { displayName: assigned('name', head), description: assigned('description', head) };
}

function assigned(variable: string, script: string): string {
  const line = new RegExp(`^${variable}=(["']?)([^"'$\`\\\\\\n]*)\\1 *$`, 'm').exec(script);
  return line?.[2] ?? '';
}

/** Empty where it cannot be read. */
function headOf(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(HEAD_BYTES);
      return buffer.toString('utf8', 0, readSync(file, buffer, 0, HEAD_BYTES, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
