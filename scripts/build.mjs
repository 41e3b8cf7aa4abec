// Type-checks and compiles everything, then bundles the agent and its plugins.

import { bundleAll } from './bundle.mjs';
import { run } from './run.mjs';

run('tsc', ['-b']);
await bundleAll();
