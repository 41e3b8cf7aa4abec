// prepare.ts ARCHITECTURE PACKAGE.deb FILE: makes or finds what the suites start from, and writes its
// folder's path to FILE.
import { writeFileSync } from 'node:fs';
import { isArchitecture } from './image/architecture.ts';
import { guestImage } from './image/image.ts';
import { readySnapshot } from './machine/snapshot.ts';

const [architecture, deb, out] = process.argv.slice(2);
if (!isArchitecture(architecture) || !deb || !out) {
  throw new Error('prepare.ts ARCHITECTURE PACKAGE.deb FILE');
}
writeFileSync(out, await readySnapshot(await guestImage(architecture), deb));
