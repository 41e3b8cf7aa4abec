import { guestAddresses } from '@limiquantix/plugin-sdk/guest';
import { Bench } from 'tinybench';
import { DiskReader } from '../src/linux/disks.ts';
import { openSources } from '../src/linux/index.ts';

const sources = openSources();
// A report takes these two from what is known, most of the time.
const disks = new DiskReader();

export const bench: Bench = new Bench({ name: 'telemetry sources' })
  .add('cpu', () => {
    sources.cpu();
  })
  .add('memory', () => {
    sources.memory();
  })
  .add('interfaces', () => {
    sources.interfaces([]);
  })
  .add('process count', () => {
    sources.processCount();
  })
  .add('addresses', () => {
    guestAddresses();
  })
  .add('disks', async () => {
    await disks.read();
  });
