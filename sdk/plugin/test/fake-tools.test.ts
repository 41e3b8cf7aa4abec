import { existsSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { runTool, ToolMissing } from '../src/guest/run-tool.ts';
import { FakeTools } from '../src/testing/fake-tools.ts';

const tools = new FakeTools();
afterAll(() => tools.remove());

it('writes down what its programs were called with', async () => {
  tools.add('one', 'echo "said: $(cat "$record.input")"; exit 3');
  const options = { timeoutMs: 5000, input: 'in\n' };
  const result = await runTool(tools.find('one'), ['a b', '', '-n', 'x\ny', '$(id)'], options);
  expect(result).toMatchObject({ exitCode: 3, stdout: 'said: in\n' });
  const args = ['a b', '', '-n', 'x\ny', '$(id)'];
  expect(tools.calls()).toEqual([{ program: 'one', args, input: 'in\n' }]);
});

it('tells calls apart, in their order', async () => {
  tools.add('two');
  tools.link('link', 'two');
  for (const name of ['two', 'link']) await runTool(tools.find(name), [], { timeoutMs: 5000 });
  expect(await tools.called('two', 2)).toHaveLength(2);
  expect(tools.calls().map(({ program }) => program)).toEqual(['one', 'two', 'two']);
});

it('has nothing of the machine', () => {
  expect(() => tools.find('sh')).toThrow(ToolMissing);
});

it('leaves nothing behind', () => {
  tools.remove();
  expect(existsSync(tools.dir)).toBe(false);
});
