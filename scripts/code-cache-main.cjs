// Starts the agent, is its host until it has greeted and logged, and writes what V8 compiled of it.
const fs = require('node:fs');
const { createRequire } = require('node:module');
const { connect } = require('node:net');
const { basename, dirname, resolve } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const vm = require('node:vm');
const { codeCacheContent, codeCacheOf, scriptOf, textOf } = require('../core/dist/code-cache.js');

const [agent, config, socket] = process.argv.slice(2).map((path) => resolve(path));
/** A start takes this much longer where nothing was compiled before and the machine is busy. */
const SLOWNESS = 10;
/** The part of the agent that it loads last. */
const LOG = './log-writer.cjs';

const greeted = Promise.withResolvers();
const logged = Promise.withResolvers();
const parts = [];
const plugins = [];
let connected = false;

function compile(file) {
  const text = textOf(file);
  if (!text.every((byte) => byte < 0x80)) throw new Error(`${file} is not ASCII`);
  // Without its folder: that is another one where it is installed. V8 keeps the whole of a string
  // with what was cut out of it, so this is a copy.
  const name = Buffer.from(basename(file)).toString();
  const script = scriptOf(text, name);
  return { file, text, script, exports: {} };
}

function write({ file, text, script }) {
  fs.writeFileSync(codeCacheOf(file), codeCacheContent(text, script));
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
  if (id === LOG) setImmediate(logged.resolve);
  part.exports = module.exports;
  return module.exports;
}

function beHost() {
  const host = connect(socket);
  host.once('error', () => setImmediate(beHost));
  host.once('connect', () => {
    // V8 takes code only of a process with the same flags.
    setFlagsFromString('--hash-seed=0');
    setFlagsFromString('--random-seed=0');
    for (const plugin of plugins) write(plugin);
    connected = true;
  });
  host.once('data', greeted.resolve);
}

// So the plugins are compiled where there is no such code yet.
vm.compileFunction = (_source, _parameters, { filename }) => {
  const plugin = compile(filename);
  plugins.push(plugin);
  const run = plugin.script.runInThisContext();
  if (!connected) return run;
  return (exports, require, module, ...place) => {
    run(exports, require, module, ...place);
    write(plugin);
    // What they do with a host depends on the machine.
    module.exports = { activate: () => ({ skip: 'it is compiled' }) };
  };
};
// What comes after the greeting in a start of milliseconds comes after it here too.
const { setTimeout: begin } = globalThis;
globalThis.setTimeout = (action, ms, ...given) => begin(action, ms * SLOWNESS, ...given);
// When a thread has written depends on what else it has to do.
fs.write = (_descriptor, bytes, done) => done(null, bytes.length);
process.argv = [process.execPath, agent, '--config', config, '--device', `unix:${socket}`];
load(agent.replace(dirname(agent), '.'));
beHost();
Promise.all([greeted.promise, logged.promise]).then(() => {
  for (const part of parts) write(part);
  process.exit();
});
