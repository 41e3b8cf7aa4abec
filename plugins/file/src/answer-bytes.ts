import type { AgentFacts } from '@limiquantix/plugin-sdk';

/** What an answer's envelope and its other fields may take. */
const BESIDES = 65_536;

/** How much content fits into one answer. */
export function answerBytes({ maxMessageBytes }: AgentFacts): number {
  return maxMessageBytes - BESIDES;
}
