import { execFileSync, spawnSync } from 'node:child_process';
import { PROTO_FILE, PROTO_PATH } from './schema.ts';

export const PROTOC_MISSING = 'protoc is not installed (Debian: protobuf-compiler)';

export function hasProtoc(): boolean {
  return spawnSync('protoc', ['--version']).status === 0;
}

/** An AgentMessage in text format, as protoc reads it. */
export function protocDecode(message: Uint8Array): string {
  return execFileSync(
    'protoc',
    ['--decode=limiquantix.agent.v1.AgentMessage', `--proto_path=${PROTO_PATH}`, PROTO_FILE],
    { input: message, encoding: 'utf8' },
  );
}
