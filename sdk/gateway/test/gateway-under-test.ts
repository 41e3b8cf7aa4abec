import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createGateway, type Gateway, type GatewayOptions } from '../src/gateway.ts';
import { type Line, ScriptedAgent } from './scripted-agent.ts';

/** A gateway over a directory of its own, gone after the file's tests. */
export interface GatewayUnderTest {
  readonly gateway: Gateway;
  readonly url: string;
  readonly token: string;
  readonly directory: string;
  /** Below /api/v1, with the token. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  addVm(vmId: string, ...script: Line[]): Promise<VmUnderTest>;
  /** The ids that GET /vms lists. */
  listed(): Promise<ListedVm[]>;
}

interface ListedVm {
  readonly vm_id: string;
  readonly connected: boolean;
  readonly reason?: string;
  readonly version?: string;
  readonly hostname?: string;
  readonly last_heard_at?: string;
}

export interface VmUnderTest {
  readonly agent: ScriptedAgent;
  readonly vmId: string;
  /** Below /api/v1/vms/{vm_id}/agent, with the token. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The same with a body of JSON; without one: GET. */
  ask(path: string, body?: unknown): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the test expects in it
  readonly body: any;
}

const cleanups: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function afterTests(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup);
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'gateway-'));
  afterTests(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export async function startGateway(options: GatewayOptions = {}): Promise<GatewayUnderTest> {
  const directory = options.vmsDir ?? (await temporaryDirectory());
  const gateway = createGateway({
    listen: '127.0.0.1:0',
    tokenFile: join(await temporaryDirectory(), 'token'),
    logLevel: 'silent',
    ...options,
    vmsDir: directory,
  });
  afterTests(() => gateway.close());
  const url = await gateway.listen();
  const token = (await readFile(gateway.tokenFile, 'utf8')).trim();
  const authorization = `Bearer ${token}`;
  const get = (path: string, init: RequestInit = {}) =>
    fetch(`${url}/api/v1${path}`, { ...init, headers: { authorization, ...init.headers } });
  return {
    gateway,
    url,
    token,
    directory,
    fetch: get,
    async addVm(vmId, ...script) {
      const agent = await ScriptedAgent.listen(join(directory, `${vmId}.agent.sock`), script);
      afterTests(() => agent.close());
      const route = (path: string, init?: RequestInit) => get(`/vms/${vmId}/agent${path}`, init);
      await eventually(async () => (await route('/telemetry')).status !== 404);
      return { agent, vmId, fetch: route, ask: (path, body) => ask(route, path, body) };
    },
    async listed() {
      const { vms } = (await (await get('/vms')).json()) as { vms: ListedVm[] };
      return vms;
    },
  };
}

let shared: Promise<GatewayUnderTest> | undefined;
let count = 0;

/** A VM whose agent follows the script, at a gateway that the file's tests share. */
export async function startVm(...script: Line[]): Promise<VmUnderTest> {
  shared ??= startGateway();
  return (await shared).addVm(`vm-${++count}`, ...script);
}

async function ask(fetch: VmUnderTest['fetch'], path: string, body: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const post = { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch(path, body === undefined ? {} : post);
  return { status: response.status, body: await response.json() };
}

/** Waits for what comes by itself. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('it did not happen within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
