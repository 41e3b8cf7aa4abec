// Starts the agent, is its host until it has greeted, and writes what V8 compiled of it.
const { writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { connect } = require('node:net');
const { basename, dirname, resolve } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const vm = require('node:vm');
const { codeCacheContent, codeCacheOf, scriptOf, textOf } = require('../core/dist/code-cache.js');

const [agent, config, socket] = process.argv.slice(2).map((path) => resolve(path));
const RETRY_MS = 5;
const parts = [];
const plugins = [];
let connected = false;

function compile(file) {
  const text = textOf(file);
  if (!text.every((byte) => byte < 0x80)) throw new Error(`${file} is not ASCII`);
  // Without its folder: that is another one where it is installed.
  const script = scriptOf(text, basename(file));
  return { file, text, script, exports: {} };
}

function write({ file, text, script }) {
  writeFileSync(codeCacheOf(file), codeCacheContent(text, script));
}

/** What the agent asks for: parts of its own are compiled, run and kept as it is. */
function load(id) {
  if (!id.startsWith('./')) return createRequire(agent)(id);
  const file = resolve(dirname(agent), id);
  const known = parts.find((part) => part.file === file);
  if (known) return known.exports;
  const part = compile(file);
  parts.push(part);
  const module = { exports: part.exports };
  part.script.runInThisContext()(module.exports, load, module, file, dirname(file));
  part.exports = module.exports;
  return module.exports;
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
  host.once('data', () => process.exit());
}

// So the plugins are compiled where there is no such code yet.
vm.compileFunction = (_source, _parameters, { filename }) => {
  const plugin = compile(filename);
  plugins.push(plugin);
  const run = plugin.script.runInThisContext();
  if (!connected) return run;
  return (...given) => {
    // The host was greeted just now: what comes next depends on the machine, here and in plugins.
    for (const part of parts.splice(0)) write(part);
    run(...given);
    write(plugin);
  };
};
process.argv = [process.execPath, agent, '--config', config, '--device', `unix:${socket}`];
load(agent.replace(dirname(agent), '.'));
beHost();
