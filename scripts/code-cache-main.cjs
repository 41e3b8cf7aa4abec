// Has the agent describe itself, for which it does most of what a start does, and writes what V8
// compiled of it.
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { basename, dirname, resolve } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const vm = require('node:vm');
const { codeCacheContent, codeCacheOf, scriptOf } = require('../core/dist/code-cache.js');

const [agent, config] = process.argv.slice(2).map((path) => resolve(path));
const made = [];

function compile(file) {
  const source = readFileSync(file);
  if (!source.every((byte) => byte < 0x80)) throw new Error(`${file} is not ASCII`);
  // Without its folder: that is another one where it is installed.
  const script = scriptOf(source, basename(file));
  made.push({ file, source, script });
  return script.runInThisContext();
}

// So the plugins are compiled where there is no such code yet.
vm.compileFunction = (_source, _parameters, { filename }) => compile(filename);
process.argv = [process.execPath, agent, '--capabilities', '--config', config];
process.on('exit', () => {
  // V8 takes code only of a process with the same flags.
  setFlagsFromString('--hash-seed=0');
  setFlagsFromString('--random-seed=0');
  for (const { file, source, script } of made) {
    writeFileSync(codeCacheOf(file), codeCacheContent(source, script));
  }
});
compile(agent)({}, createRequire(agent), { exports: {} }, agent, dirname(agent));
