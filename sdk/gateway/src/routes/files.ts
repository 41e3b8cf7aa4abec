import {
  CreateDirectory,
  FileDelete,
  FileStat,
  FileWrite,
  ListDirectory,
} from '@limiquantix/agent-proto';
import { fromJson, type JsonObject } from '@limiquantix/agent-proto/json';
import { type AnyCallRoute, answerOf, callRoute } from '../call-route.ts';
import { decodeBytes, type Encoding } from '../encoding.ts';
import { MODE, withMode } from '../mode.ts';
import { ENCODING, TEXT } from '../schema.ts';

const PATH = { required: ['path'] };

const list = callRoute({
  method: 'POST',
  path: '/files/list',
  calls: ListDirectory,
  shape: PATH,
  toAnswer: (response) => {
    const answer = answerOf('ListDirectoryResponse', response);
    return { ...answer, entries: (answer.entries as JsonObject[]).map(entryOf) };
  },
});

const stat = callRoute({
  method: 'POST',
  path: '/files/stat',
  calls: FileStat,
  shape: PATH,
  toAnswer: (response) => {
    const answer = answerOf('FileStatResponse', response);
    return { ...answer, entry: answer.entry && entryOf(answer.entry as JsonObject) };
  },
});

const write = callRoute({
  method: 'POST',
  path: '/files/write',
  calls: FileWrite,
  shape: {
    required: ['path', 'content'],
    without: ['data', 'data_crc32'],
    fields: { content: TEXT, encoding: ENCODING, mode: MODE },
  },
  toRequest: ({ content, encoding = 'utf-8', ...input }) => ({
    // Without an offset the content is the file's new content, not its new beginning.
    truncate: input.offset === undefined,
    ...fromJson('FileWriteRequest', withMode(input)),
    data: decodeBytes('content', content as string, encoding as Encoding),
  }),
});

const remove = callRoute({
  method: 'POST',
  path: '/files/delete',
  calls: FileDelete,
  shape: PATH,
});

const mkdir = callRoute({
  method: 'POST',
  path: '/files/mkdir',
  calls: CreateDirectory,
  shape: { ...PATH, fields: { mode: MODE } },
  toRequest: (input) => fromJson('CreateDirectoryRequest', withMode(input)),
});

export const FILES: readonly AnyCallRoute[] = [list, stat, write, remove, mkdir];

/** Only a name that is not valid UTF-8 comes as bytes too. */
function entryOf({ name_bytes, ...entry }: JsonObject): JsonObject {
  return name_bytes ? { ...entry, name_bytes } : entry;
}
