// What it costs to serve a fleet: one process with a client for each agent socket of a directory,
// as the gateway has it, which pings every agent once a second.
//
//   node test/support/fleet-load.ts --dir DIR [--seconds 20] [--pings-per-second 1]
//   Prints one line of JSON: {agents, connectMs, cpuPercent, pings, failed, p50Ms, p99Ms, maxMs,
//   bytesPerAgent}. cpuPercent: of one core, in this process, after a warm-up.
//   bytesPerAgent: of resident memory, a second after all are connected, that at the start taken off.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AgentClient } from '@limiquantix/agent-client';
import { Ping } from '@limiquantix/agent-proto';

/** Pings are spread over the second in steps of this, as one timer for all of them does it. */
const TICK_MS = 20;

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: '.' },
    seconds: { type: 'string', default: '20' },
    'pings-per-second': { type: 'string', default: '1' },
  },
});
const seconds = Number(values.seconds);
const perSecond = Number(values['pings-per-second']);

const rssBefore = process.memoryUsage.rss();
const names = readdirSync(values.dir).filter((name) => name.endsWith('.agent.sock'));
const connectStarted = performance.now();
const clients = names.map((name) => new AgentClient({ path: join(values.dir, name) }));
while (clients.some(({ state }) => state !== 'connected')) await sleep(5);
const connectMs = performance.now() - connectStarted;
await sleep(1000);
const bytes = process.memoryUsage.rss() - rssBefore;

const latencies: number[] = [];
let failed = 0;
let sent = 0;

function ping(client: AgentClient): void {
  const asked = performance.now();
  sent++;
  client.call(Ping, {}, { timeoutMs: 5000 }).then(
    () => latencies.push(performance.now() - asked),
    () => failed++,
  );
}

/** A gateway runs for months: what is measured is what it costs once it is compiled. */
async function warmUp(): Promise<void> {
  for (let round = 0; round < Math.max(20, 20_000 / clients.length); round++) {
    clients.forEach(ping);
    while (latencies.length + failed < sent) await sleep(10);
  }
  await sleep(1000);
  latencies.length = 0;
  sent = 0;
}

await warmUp();
const cpuBefore = process.cpuUsage();
const started = performance.now();
const timer = setInterval(() => {
  const due = ((performance.now() - started) / 1000) * perSecond * clients.length;
  while (sent < due) ping(clients[sent % clients.length] as AgentClient);
}, TICK_MS);
await sleep(seconds * 1000);
clearInterval(timer);
const { user, system } = process.cpuUsage(cpuBefore);
const wallMs = performance.now() - started;
while (latencies.length + failed < sent) await sleep(10);

latencies.sort((a, b) => a - b);
const at = (part: number) => latencies[Math.floor((latencies.length - 1) * part)] ?? Number.NaN;
const two = (value: number) => Number(value.toFixed(2));
console.log(
  JSON.stringify({
    agents: clients.length,
    connectMs: Math.round(connectMs),
    cpuPercent: two((user + system) / 10 / wallMs),
    pings: sent,
    failed,
    p50Ms: two(at(0.5)),
    p99Ms: two(at(0.99)),
    maxMs: two(at(1)),
    bytesPerAgent: Math.round(bytes / clients.length),
  }),
);
await Promise.all(clients.map((client) => client.close()));
