import type { OnAnswer, Request, Scanner } from './peer.ts';

const NEWLINE = 10;
/** Long enough for an answer's beginning, which is all that a client of bulk needs. */
const HEAD_BYTES = 4096;
const RETURN = '{"return"';

/** Counts the guest agent's lines through. Each answer is one. */
export function lineScanner(onAnswer: OnAnswer): Scanner {
  const head = Buffer.alloc(HEAD_BYTES);
  let have = 0;
  return (bytes) => {
    for (let at = 0; at < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline === -1 ? bytes.length : newline;
      const kept = bytes.subarray(at, Math.min(end, at + HEAD_BYTES - have));
      head.set(kept, have);
      have += kept.length;
      if (newline === -1) return;
      at = newline + 1;
      const line = head.subarray(0, have);
      have = 0;
      if (line.toString('latin1', 0, RETURN.length) !== RETURN) {
        throw new Error(`qemu-ga answered with a failure: ${line}`);
      }
      onAnswer(0, line);
    }
  };
}

export function command(execute: string, args?: object): Request {
  const object = args ? { execute, arguments: args } : { execute };
  return [Buffer.from(`${JSON.stringify(object)}\n`)];
}

/** What a command gave, where the answer is a short one. */
export function returned(answer: Uint8Array): unknown {
  return (JSON.parse(Buffer.from(answer).toString()) as { readonly return: unknown }).return;
}
