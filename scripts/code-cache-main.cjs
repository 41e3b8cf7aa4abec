// Starts the agent, is its host until it has greeted, and writes what V8 compiled of it.
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { connect } = require('node:net');
const { basename, dirname, resolve } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const vm = require('node:vm');
const { codeCacheContent, codeCacheOf, scriptOf } = require('../core/dist/code-cache.js');

const [agent, config, socket] = process.argv.slice(2).map((path) => resolve(path));
const RETRY_MS = 5;
const plugins = [];
let connected = false;

function compile(file) {
  const source = readFileSync(file);
  if (!source.every((byte) => byte < 0x80)) throw new Error(`${file} is not ASCII`);
  // Without its folder: that is another one where it is installed.
  const script = scriptOf(source, basename(file));
  return { file, source, script };
}

function write({ file, source, script }) {
  writeFileSync(codeCacheOf(file), codeCacheContent(source, script));
}

function beHost() {
  const host = connect(socket);
  host.once('error', () => setTimeout(beHost, RETRY_MS));
  host.once('connect', () => {
    // V8 takes code only of a process with the same flags.
    setFlagsFromString('--hash-seed=0');
    setFlagsFromString('--random-seed=0');
    for (const plugin of plugins) write(plugin);
    connected = true;
  });
  host.once('data', () => {
    write(core);
    process.exit();
  });
}

// So the plugins are compiled where there is no such code yet.
vm.compileFunction = (_source, _parameters, { filename }) => {
  const plugin = compile(filename);
  plugins.push(plugin);
  const run = plugin.script.runInThisContext();
  if (!connected) return run;
  // What those do that a host sets off depends on the machine.
  return (...given) => {
    run(...given);
    write(plugin);
  };
};
const core = compile(agent);
process.argv = [process.execPath, agent, '--config', config, '--device', `unix:${socket}`];
const run = core.script.runInThisContext();
run({}, createRequire(agent), { exports: {} }, agent, dirname(agent));
beHost();
