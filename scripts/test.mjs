// `npm test`: installs, builds, type-checks, lints, and runs the unit and end-to-end tests.
// `npm test -- slow` runs the slow suites instead; other arguments go to vitest.
import { build, install } from './bootstrap.mjs';
import { run } from './run.mjs';

install();
build();
const [suite, ...rest] = process.argv.slice(2);
if (suite === 'slow') {
  run('vitest', ['run', '--project', 'slow', ...rest]);
} else {
  run('tsc', ['-b', 'test']);
  run('node', ['proto/generate/main.mjs', '--check']);
  run('node', ['scripts/errors-page.mjs', '--check']);
  run('biome', ['check', '.']);
  run('knip', []);
  run('vitest', ['run', '--project', 'unit', '--project', 'e2e', ...process.argv.slice(2)]);
}
