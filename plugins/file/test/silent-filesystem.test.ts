import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { hasLocalDisk, scratch } from './plugin.ts';

const at = scratch();
const fixture = fileURLToPath(new URL('fixtures/silent-filesystem.ts', import.meta.url));
/** Only root may mount, and not every kernel has FUSE. */
const canMount = existsSync('/dev/fuse') && spawnSync('unshare', ['-m', 'true']).status === 0;

describe.runIf(canMount && hasLocalDisk)(
  'a path that leads to a filesystem that does not answer by now',
  () => {
    it('is not waited for on the event loop', () => {
      const output = execFileSync('unshare', ['-m', process.execPath, fixture, at()], {
        encoding: 'utf8',
        timeout: 50_000,
      });
      const neither = { found: false, waited: false };
      expect(JSON.parse(output)).toEqual({ known: neither, unknown: neither });
    });
  },
);
