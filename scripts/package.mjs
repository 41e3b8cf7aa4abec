// `npm run package -- deb|rpm|tar|all [--arch amd64|arm64] [--out DIR]`: installs and builds
// what is missing, then makes packages in packaging/dist.
import { build, install } from './bootstrap.mjs';
import { run } from './run.mjs';

install();
build();
run('node', ['packaging/build.mjs', ...process.argv.slice(2)]);
