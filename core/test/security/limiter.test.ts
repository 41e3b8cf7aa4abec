import { AgentError } from '@limiquantix/agent-proto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, Limiter, type Limits } from '../../src/security/limiter.ts';

const lane = (running: number, waiting: number, waitingBytes = 1000) => ({
  execution: { running, waiting, waitingBytes },
  file: { running, waiting, waitingBytes },
  general: { running, waiting, waitingBytes },
  control: { running, waiting, waitingBytes },
});

const never = () => new AbortController().signal;
const settle = () => new Promise((resolve) => setImmediate(resolve));

it('runs what the reference says: 8 executions, 16 file operations, 64 waiting', () => {
  expect(DEFAULT_LIMITS).toMatchObject({
    execution: { running: 8, waiting: 64 },
    file: { running: 16, waiting: 64 },
    general: { waiting: 64 },
  });
});

describe('a class of calls', () => {
  it('runs so many at once, lets so many wait, and refuses the next', () => {
    const limiter = new Limiter(lane(2, 1));
    expect(limiter.acquire('file', 1, never)).toBeUndefined();
    expect(limiter.acquire('file', 1, never)).toBeUndefined();
    expect(limiter.acquire('file', 1, never)).toBeInstanceOf(Promise);
    expect(() => limiter.acquire('file', 1, never)).toThrow(
      expect.objectContaining({ code: 8001, message: expect.stringContaining('2 requests') }),
    );
  });

  it('does not count against another', () => {
    const limiter = new Limiter(lane(1, 0));
    limiter.acquire('execution', 1, never);
    expect(limiter.acquire('file', 1, never)).toBeUndefined();
  });

  it('lets waiting requests hold only so much', () => {
    const limiter = new Limiter(lane(1, 10, 100));
    limiter.acquire('file', 1, never);
    limiter.acquire('file', 100, never);
    expect(() => limiter.acquire('file', 1, never)).toThrow(AgentError);
  });

  it('gives places on in the order of arrival', async () => {
    const limiter = new Limiter(lane(1, 10));
    const order: number[] = [];
    limiter.acquire('file', 1, never);
    for (const n of [1, 2, 3]) void limiter.acquire('file', 1, never)?.then(() => order.push(n));
    for (let i = 0; i < 3; i++) {
      limiter.release('file');
      await settle();
    }
    expect(order).toEqual([1, 2, 3]);
  });

  it('forgets who gave up waiting', async () => {
    const limiter = new Limiter(lane(1, 1));
    const abort = new AbortController();
    limiter.acquire('file', 1, never);
    const waits = limiter.acquire('file', 1, () => abort.signal);
    abort.abort(new AgentError('EXECUTION_TIMEOUT'));
    await expect(waits).rejects.toThrow(AgentError);
    expect(limiter.acquire('file', 1, never)).toBeInstanceOf(Promise);
  });

  it('takes no place for who gave up before', async () => {
    const limiter = new Limiter(lane(1, 1));
    limiter.acquire('file', 1, never);
    const gone = limiter.acquire('file', 1, () => AbortSignal.abort(new Error('gone')));
    await expect(gone).rejects.toThrow('gone');
    expect(limiter.acquire('file', 1, never)).toBeInstanceOf(Promise);
  });
});

it('never limits what an operator needs when all else is stuck', () => {
  const limiter = new Limiter(lane(0, 0));
  for (let i = 0; i < 1000; i++) expect(limiter.acquire('none', 1e9, never)).toBeUndefined();
});

type Step = { do: 'acquire'; bytes: number } | { do: 'release' | 'abort'; which: number };

const step = fc.oneof(
  fc.record({ do: fc.constant('acquire' as const), bytes: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ do: fc.constantFrom('release' as const, 'abort' as const), which: fc.nat(20) }),
);

/** What the limiter is to do, written down as simply as possible. */
class Model {
  readonly running = new Set<number>();
  readonly waiting: { id: number; bytes: number }[] = [];

  acquire(id: number, bytes: number, { running, waiting, waitingBytes }: Limits['file']): string {
    if (this.running.size < running) {
      this.running.add(id);
      return 'runs';
    }
    const held = this.waiting.reduce((sum, waiter) => sum + waiter.bytes, 0);
    if (this.waiting.length >= waiting || held + bytes > waitingBytes) return 'refused';
    this.waiting.push({ id, bytes });
    return 'waits';
  }

  release(id: number): void {
    this.running.delete(id);
    const next = this.waiting.shift();
    if (next) this.running.add(next.id);
  }
}

it('counts right, whatever comes, ends and gives up', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps: Step[]) => {
      const limits = lane(3, 4, 100);
      const limiter = new Limiter(limits);
      const model = new Model();
      const running = new Set<number>();
      const aborts = new Map<number, AbortController>();
      const acquire = (id: number, bytes: number): string => {
        const abort = new AbortController();
        aborts.set(id, abort);
        try {
          const turn = limiter.acquire('file', bytes, () => abort.signal);
          if (!turn) running.add(id);
          turn?.then(
            () => running.add(id),
            () => undefined,
          );
          return turn ? 'waits' : 'runs';
        } catch {
          return 'refused';
        }
      };
      for (const [id, { do: action, ...of }] of steps.entries()) {
        if ('bytes' in of) {
          expect(acquire(id, of.bytes)).toBe(model.acquire(id, of.bytes, limits.file));
        } else if (action === 'release') {
          const which = [...running][of.which % (running.size || 1)];
          if (which === undefined) continue;
          running.delete(which);
          limiter.release('file');
          model.release(which);
        } else {
          const waiter = model.waiting[of.which % (model.waiting.length || 1)];
          if (!waiter) continue;
          model.waiting.splice(model.waiting.indexOf(waiter), 1);
          aborts.get(waiter.id)?.abort(new Error('gone'));
        }
        await settle();
        expect([...running].sort()).toEqual([...model.running].sort());
        expect(limiter.running('file')).toBe(model.running.size);
      }
    }),
    { numRuns: 100 },
  );
});
