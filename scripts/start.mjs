// `npm start`: an agent on a unix socket and the gateway over it, to try everything out.
//   QX_RUN_DIR  where socket, token, configuration and logs are (default: run/ of the checkout)
//   QX_PORT     the gateway's port on 127.0.0.1 (default: 9180)
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build, install } from './bootstrap.mjs';
import { env, root } from './run.mjs';

const STOP_LIMIT_MS = 900;
const READY_LIMIT_MS = 20_000;
/** What fits into a unix socket's address. */
const SOCKET_PATH_LIMIT = 107;

const runDir = resolve(root, process.env.QX_RUN_DIR ?? 'run');
const port = Number(process.env.QX_PORT ?? 9180);
const socket = join(runDir, 'vms', 'local.agent.sock');
const token = join(runDir, 'gateway.token');
const config = join(runDir, 'agent.yaml');
const api = `http://127.0.0.1:${port}/api/v1/vms/local/agent`;

const children = [];
let stopping = false;
process.on('SIGINT', () => stop(0));
process.on('SIGTERM', () => stop(0));
process.on('SIGHUP', () => stop(0));
// npm that is killed takes nobody with it.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && stop(0), 200).unref();

checkPlaces();
install();
build();
if (await answers(socket))
  fail(`another agent listens on ${socket}: stop it, or set QX_RUN_DIR to another place`);
if (await taken(port))
  fail(`port ${port} is in use: stop what listens there, or set QX_PORT to another one`);

mkdirSync(join(runDir, 'vms'), { recursive: true, mode: 0o700 });
if (!existsSync(config)) {
  copyFileSync('packaging/config/agent.yaml', config);
  // A checkout may be writable by the group; the agent refuses such a configuration.
  chmodSync(config, 0o600);
}
launch('agent', [
  ...JSON.parse(readFileSync('core/runtime-flags.json', 'utf8')),
  'core/dist/limiquantix-agent.cjs',
  '--config',
  config,
  '--device',
  `unix:${socket}`,
]);
launch('gateway', [
  'sdk/gateway/dist/main.js',
  '--vms-dir',
  join(runDir, 'vms'),
  '--listen',
  `127.0.0.1:${port}`,
  '--token-file',
  token,
]);
await ready();

function checkPlaces() {
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    fail(`QX_PORT must be a port from 1 to 65535, not "${process.env.QX_PORT}"`);
  }
  if (Buffer.byteLength(socket) > SOCKET_PATH_LIMIT) {
    fail(`${socket} is too long for a unix socket: set QX_RUN_DIR to a shorter path`);
  }
}

function launch(name, args) {
  const log = join(runDir, `${name}.log`);
  const out = openSync(log, 'w', 0o600);
  const child = spawn('node', args, { env, stdio: ['ignore', out, out] });
  child.on('error', (error) => fail(`${name} does not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (stopping) return;
    const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
    fail(`the ${name} ended (${signal ?? code}); the end of ${log}:\n${tail}`);
  });
  children.push(child);
}

async function ready() {
  const deadline = Date.now() + READY_LIMIT_MS;
  while (!(await connected())) {
    if (Date.now() > deadline)
      return fail(`not ready after ${READY_LIMIT_MS / 1000} s: see the logs in ${runDir}`);
    await pause(25);
  }
  const auth = `-H "Authorization: Bearer $(cat ${token})"`;
  const json = `-H 'Content-Type: application/json'`;
  console.log(`
The gateway is on  http://127.0.0.1:${port}
The token is in    ${token}
The logs are in    ${runDir}

Try:
  curl -s ${auth} ${api}/capabilities
  curl -s ${auth} ${json} -d '{"command": "uname -a"}' ${api}/execute
  curl -s ${auth} ${json} -d '{"path": "/etc/os-release"}' ${api}/files/read

ready: Ctrl-C stops both`);
}

/** Whether the whole way works: gateway, socket, agent. */
async function connected() {
  try {
    const headers = { authorization: `Bearer ${readFileSync(token, 'utf8').trim()}` };
    const answer = await fetch(`${api}/ping`, { method: 'POST', headers });
    return answer.ok && (await answer.json()).connected === true;
  } catch {
    return false;
  }
}

function answers(path) {
  return new Promise((done) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      done(true);
    });
    probe.once('error', () => done(false));
  });
}

function taken(wanted) {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(true));
    server.listen(wanted, '127.0.0.1', () => server.close(() => done(false)));
  });
}

function fail(message) {
  console.error(`npm start: ${message}`);
  stop(1);
}

async function stop(code) {
  if (stopping) return;
  stopping = true;
  const running = children.filter((child) => child.exitCode === null && child.signalCode === null);
  // At once: what went wrong must not go on meanwhile.
  if (running.length === 0) process.exit(code);
  const ended = running.map((child) => new Promise((done) => child.once('exit', done)));
  for (const child of running) child.kill('SIGTERM');
  await Promise.race([Promise.all(ended), pause(STOP_LIMIT_MS)]);
  for (const child of running) child.kill('SIGKILL');
  process.exit(code);
}
