/** A log that cannot be written must not stop the agent; stderr is what is left to say so. */
export function complain({ message }: Error): void {
  process.stderr.write(`limiquantix-agent: the log cannot be written: ${message}\n`);
}
