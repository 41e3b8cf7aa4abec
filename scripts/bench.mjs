// `npm run bench -- --help`: measures the agent. Builds where needed, and installs nothing.
import { existsSync } from 'node:fs';
import { build } from './bootstrap.mjs';
import { env, run } from './run.mjs';

if (!existsSync('node_modules/.bin/node')) {
  console.error('npm run bench: the dependencies are not installed: run `npm ci` first');
  process.exit(2);
}
if (env.NODE_EXTRA_CA_CERTS) {
  console.log(
    'NODE_EXTRA_CA_CERTS is left out: reading it costs 60 ms of CPU at each start of Node.',
  );
  delete env.NODE_EXTRA_CA_CERTS;
}
// Ctrl-C goes to the benchmark too, which ends what it started; this process only waits for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
build();
run('node', ['test/bench/main.ts', ...process.argv.slice(2)]);
