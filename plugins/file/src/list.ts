import type {
  AgentFacts,
  Call,
  DirectoryEntry,
  Init,
  ListDirectoryRequest,
  ListDirectoryResponse,
} from '@limiquantix/plugin-sdk';
import type { AccountFiles, AccountNames } from '@limiquantix/plugin-sdk/guest';
import { answerBytes } from './answer-bytes.ts';
import { continuationAfter, nameBefore } from './continuation.ts';
import { hasCode, isSystemError } from './errors.ts';
import { describe, naming } from './linux/describe.ts';
import { nameBatches } from './linux/name-batches.ts';
import { joinPath, parsePath } from './linux/path.ts';
import { type Pin, pinDirectory } from './linux/pin.ts';
import { NamePage } from './name-page.ts';

const DEFAULT_ENTRIES = 1000;
/** More would take longer than 10 ms to encode. */
const MOST_ENTRIES = 5000;
/** How many entries are looked at at the same time. */
const TOGETHER = 32;
const DOT = 0x2e;

export async function listDirectory(
  request: ListDirectoryRequest,
  call: Call,
  accounts: AccountFiles,
  agent: AgentFacts,
): Promise<Init<ListDirectoryResponse>> {
  const path = parsePath(request.path);
  const after = nameBefore(request.continuationToken);
  const page = new NamePage(after, Math.min(request.maxEntries || DEFAULT_ENTRIES, MOST_ENTRIES));
  using directory = await pinDirectory(path);
  let totalEntries = 0;
  for await (const batch of nameBatches(directory)) {
    call.signal.throwIfAborted();
    for (const name of batch) {
      if (name[0] === DOT && !request.includeHidden) continue;
      totalEntries++;
      page.offer(name.toString('latin1'));
    }
  }
  const { names, more } = page.finish();
  const listing = { directory, path, accounts: accounts.names() };
  const { entries, last } = await describeAll(listing, names, answerBytes(agent), call);
  const ended = !more && last === names.at(-1);
  return {
    entries,
    totalEntries,
    continuationToken: ended || last === undefined ? '' : continuationAfter(last),
  };
}

interface Listing {
  readonly directory: Pin;
  readonly path: string;
  readonly accounts: AccountNames;
}

interface Described {
  readonly entries: readonly Init<DirectoryEntry>[];
  /** The last name that was dealt with. */
  readonly last: string | undefined;
}

/** Describes entries in their order, as many as fit into an answer. */
async function describeAll(
  listing: Listing,
  names: readonly string[],
  mostBytes: number,
  call: Call,
): Promise<Described> {
  const entries: Init<DirectoryEntry>[] = [];
  let bytes = 0;
  let last: string | undefined;
  for (let from = 0; from < names.length; from += TOGETHER) {
    call.signal.throwIfAborted();
    const group = names.slice(from, from + TOGETHER);
    const described = await Promise.all(group.map((name) => describeOne(listing, name)));
    for (const [index, entry] of described.entries()) {
      if (entry) {
        bytes += sizeOf(entry);
        if (bytes > mostBytes) return { entries, last };
        entries.push(entry);
      }
      last = group[index];
    }
  }
  return { entries, last };
}

async function describeOne(
  { directory, path, accounts }: Listing,
  latin1: string,
): Promise<Init<DirectoryEntry> | undefined> {
  const name = Buffer.from(latin1, 'latin1');
  const full = joinPath(path, name.toString());
  try {
    return await describe(directory, name, full, accounts);
  } catch (error) {
    // Deleted since the directory was read, or not to be looked at: the others still count.
    if (hasCode(error, 'ENOENT')) return undefined;
    if (isSystemError(error)) return naming(name, full);
    throw error;
  }
}

/** An upper bound of an entry's size on the wire. */
function sizeOf(entry: Init<DirectoryEntry>): number {
  const { name, path, symlinkTarget, owner, group, nameBytes } = entry;
  let bytes = 128 + (nameBytes?.length ?? 0);
  for (const text of [name, path, symlinkTarget, owner, group])
    bytes += Buffer.byteLength(text ?? '');
  return bytes;
}
