import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { Cancel, Execute, Ping } from '@limiquantix/agent-proto';
import * as fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { PluginSource } from '../plugins.ts';
import { DispatchBench, tight } from './dispatch-bench.ts';

const GATES = ['a', 'b', 'c'] as const;
const CHANGES = ['reload', 'disable', 'enable'] as const;

/** What tells of itself where it is used after its end. */
const mortal = (contribution: string) => `
  let ended = false;
  const use = (what) => { if (ended) record(what + ' after its end'); };
  return { ${contribution}, dispose: () => { use('disposed'); ended = true; record('disposed'); } };`;

/** Some of its calls heed their cancellation, others go on. */
const SERVES: PluginSource = {
  manifest: { handles: ['execute'], provides: ['execute'] },
  code: mortal(`handlers: [on('execute', async ({ command, args }, call) => {
    use('called');
    const cancelled = () => new Promise((_, reject) =>
      call.signal.addEventListener('abort', () => reject(call.signal.reason)));
    await (args.length > 0 ? Promise.race([gate(command), cancelled()]) : gate(command));
    return {};
  })]`),
};

/** Makes every answer wait. */
const TAPS: PluginSource = {
  manifest: { activation: 'onStart' },
  code: mortal(`tap: (hooks) => hooks.response.tapPromise('taps', async (response) => {
    use('tapped');
    return response;
  })`),
};

type Connected = ReturnType<DispatchBench['connect']>;

/** Two hosts, one of which may take another's place, and a plugin that changes under them. */
class Race {
  readonly bench: DispatchBench = new DispatchBench();
  readonly #hosts: Connected[] = [];
  readonly #sent: { readonly id: string; readonly by: Connected }[] = [];
  readonly #changes: Promise<unknown>[] = [];

  async begin(): Promise<void> {
    this.bench.write('serves', SERVES).write('taps', TAPS);
    await this.bench.serve({ limits: tight });
    this.#hosts.push(this.bench.connect(), this.bench.connect());
  }

  execute(host: number, command: string, heeds: boolean): void {
    const by = this.#host(host);
    const args = heeds ? ['heeds'] : [];
    this.#sent.push({ by, id: by.send(Execute, { command, args }) });
  }

  ping(host: number): void {
    const by = this.#host(host);
    this.#sent.push({ by, id: by.send(Ping) });
  }

  cancel(host: number, nth: number): void {
    const by = this.#host(host);
    const messageId = this.#sent.filter((one) => one.by === by)[nth]?.id ?? 'none';
    this.#sent.push({ by, id: by.send(Cancel, { messageId }) });
  }

  leave(host: number): void {
    this.#host(host).session.end();
    this.#hosts[host] = this.bench.connect();
  }

  change(what: (typeof CHANGES)[number], plugin: string): void {
    this.#changes.push(this.bench.plugins[what](plugin).catch(() => undefined));
  }

  /** Resolves when nothing is under way any more. */
  async end(): Promise<void> {
    for (const gate of GATES) this.bench.open(gate);
    await Promise.all(this.#changes);
    await vi.waitFor(() => expect(this.bench.dispatcher.inFlight).toBe(0), { interval: 1 });
  }

  /** How often each request was answered whose host is still there. */
  async answers(): Promise<number[]> {
    const alive = this.#sent.filter(({ by }) => this.#hosts.includes(by));
    await Promise.all(alive.map(({ id, by }) => by.first((message) => message.id === id)));
    return alive.map(({ id, by }) => by.count(id));
  }

  #host(index: number): Connected {
    return this.#hosts[index] as Connected;
  }
}

const host = fc.nat({ max: 1 });
const gate = fc.constantFrom(...GATES);
const anyChange = fc.constantFrom(...CHANGES);
const anyPlugin = fc.constantFrom('serves', 'taps');
/** The name of what a race does, and what that takes. */
const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('execute' as const), host, gate, fc.boolean()) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('ping' as const, 'leave' as const), host) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('cancel' as const), host, fc.nat({ max: 8 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('change' as const), anyChange, anyPlugin) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('open' as const), gate) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('wait' as const)) },
);

it('answers each request once and gets every place back, whatever hosts and plugins do', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 40 }), async (steps) => {
      const race = new Race();
      const { bench } = race;
      await race.begin();
      for (const [what, ...how] of steps) {
        if (what === 'wait') await turn();
        else if (what === 'open') bench.open(how[0] as string);
        else (race[what] as (...how: unknown[]) => void).apply(race, how);
      }
      await race.end();
      for (const times of await race.answers()) expect(times).toBe(1);
      await bench.plugins.enable('serves');
      const last = bench.connect();
      for (let i = 0; i < 3; i++) {
        // Where a place was lost it would wait for ever.
        const answer = last.call(Execute, { command: 'a' });
        expect(await Promise.race([answer, sleep(20_000)])).toMatchObject({ exitCode: 0 });
      }
      await bench.plugins.disable('serves');
      await vi.waitFor(() => expect(bench.records.at(-1)).toBe('disposed'), { interval: 1 });
      expect(new Set(bench.records)).toEqual(new Set(['disposed']));
    }),
    { numRuns: 60 },
  );
}, 60_000);
