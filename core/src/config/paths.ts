import { existsSync } from 'node:fs';
import { join } from 'node:path';

interface Paths {
  readonly config: string;
  readonly device: string;
  readonly preFreezeScripts: string;
  readonly postThawScripts: string;
  readonly auditLog: string;
}

const linux: Paths = {
  config: '/etc/limiquantix/agent.yaml',
  device: '/dev/virtio-ports/org.limiquantix.agent.0',
  preFreezeScripts: '/etc/limiquantix/pre-freeze.d',
  postThawScripts: '/etc/limiquantix/post-thaw.d',
  auditLog: '/var/log/limiquantix/audit.log',
};

const windows: Paths = {
  config: 'C:\\ProgramData\\LimiQuantix\\agent.yaml',
  device: '\\\\.\\Global\\org.limiquantix.agent.0',
  preFreezeScripts: 'C:\\ProgramData\\LimiQuantix\\pre-freeze.d',
  postThawScripts: 'C:\\ProgramData\\LimiQuantix\\post-thaw.d',
  auditLog: 'C:\\ProgramData\\LimiQuantix\\Logs\\audit.log',
};

/** Where things are on this platform. */
export const paths: Paths = process.platform === 'win32' ? windows : linux;

/** The plugins that came with this agent: beside its bundle, installed or in a source tree. */
export function bundledPluginDir(bundle: string = __dirname): string {
  const candidates = ['plugins', '../plugins', '../../plugins'].map((dir) => join(bundle, dir));
  return candidates.find((dir) => existsSync(dir)) ?? (candidates[0] as string);
}
