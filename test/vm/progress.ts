/** Says what takes long, and how long it took. */
export async function took<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const began = performance.now();
  console.log(`${what} ...`);
  const result = await work();
  console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return result;
}
