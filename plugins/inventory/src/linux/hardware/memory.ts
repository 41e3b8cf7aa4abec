import { freemem, totalmem } from 'node:os';
import type { Init, MemoryInfo } from '@limiquantix/plugin-sdk';
import type { MemoryModules } from './memory-modules.ts';

/** On Linux `freemem` is what is available, caches that can be dropped included. */
export function readMemory(modules: MemoryModules): Init<MemoryInfo> {
  return {
    totalBytes: totalmem(),
    availableBytes: freemem(),
    memoryType: modules.type,
    speedMhz: modules.speed,
    dimmCount: modules.count,
  };
}
