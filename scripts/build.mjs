// Type-checks and compiles everything, then bundles the agent and its plugins.

import { chmodSync } from 'node:fs';
import { run } from './run.mjs';

run('tsc', ['-b']);
// The compiler writes no mode; npm sets it only where it installs the package.
chmodSync('sdk/gateway/dist/main.js', 0o755);
// It imports what was compiled just now.
const { bundleAll } = await import('./bundle.mjs');
const { makeCodeCaches } = await import('./code-cache.mjs');
const { agent } = await bundleAll();
makeCodeCaches(agent);
