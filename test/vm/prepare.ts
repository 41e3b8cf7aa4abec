// prepare.ts PACKAGE.deb FILE: makes or finds what the suites start from, and writes its folder's
// path to FILE.
import { writeFileSync } from 'node:fs';
import { guestImage } from './image/image.ts';
import { readySnapshot } from './machine/snapshot.ts';

const [deb, out] = process.argv.slice(2);
if (!deb || !out) throw new Error('prepare.ts PACKAGE.deb FILE');
writeFileSync(out, await readySnapshot(await guestImage(), deb));
