/** Keeps the processor busy, as requests that cost something do. */
export function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    // Busy.
  }
}
