import {
  CreateDirectory,
  definePlugin,
  FileDelete,
  FileRead,
  FileStat,
  FileWrite,
  ListDirectory,
  on,
  type Plugin,
} from '@limiquantix/plugin-sdk';
import { AccountFiles } from '@limiquantix/plugin-sdk/guest';
import { ChunkBuffers } from './chunk-buffers.ts';
import { createDirectory } from './create-directory.ts';
import { deleteFile } from './delete.ts';
import { explained } from './errors.ts';
import { listDirectory } from './list.ts';
import { OpenFiles } from './open-files.ts';
import { readFile } from './read.ts';
import { statFile } from './stat.ts';
import { writeFile } from './write.ts';
import { WriteTargets } from './write-targets.ts';

const plugin: Plugin = definePlugin(({ agent }) => {
  const buffers = new ChunkBuffers();
  const files = new OpenFiles({ onNoneOpen: () => buffers.clear() });
  const targets = new WriteTargets();
  const accounts = new AccountFiles();
  return {
    handlers: [
      on(
        FileRead,
        explained((request, call) => readFile(request, call, { files, buffers, agent })),
      ),
      on(
        FileWrite,
        explained((request, call) => writeFile(request, targets, call), {
          missing: 'DIRECTORY_NOT_FOUND',
        }),
      ),
      on(
        ListDirectory,
        explained((request, call) => listDirectory(request, call, accounts, agent), {
          missing: 'DIRECTORY_NOT_FOUND',
        }),
      ),
      on(
        CreateDirectory,
        explained(createDirectory, { missing: 'DIRECTORY_NOT_FOUND', otherwise: 'MKDIR_FAILED' }),
      ),
      on(FileDelete, explained(deleteFile, { otherwise: 'DELETE_FAILED' })),
      on(
        FileStat,
        explained((request) => statFile(request, accounts)),
      ),
    ],
    dispose: () => files.close(),
  };
});

export default plugin;
