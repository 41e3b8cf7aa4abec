/** The processors that a guest can have, as Debian calls them. */
const ARCHITECTURES = ['amd64', 'arm64'] as const;

export type Architecture = (typeof ARCHITECTURES)[number];

export function isArchitecture(name: string | undefined): name is Architecture {
  return ARCHITECTURES.some((known) => known === name);
}
