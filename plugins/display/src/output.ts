/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Mode extends Size {
  /** How the tool is told to take it. */
  readonly id: string;
  readonly name: string;
  /** In Hz; 0 where unknown. */
  readonly refresh: number;
  /** Drawn line by line, without doubled or interlaced lines. */
  readonly plain: boolean;
}

/** A connector of the video card. */
export interface Output {
  readonly name: string;
  readonly connected: boolean;
  readonly primary: boolean;
  /** What it shows now; undefined where it is off. */
  readonly current: Size | undefined;
  readonly modes: readonly Mode[];
}

/** The output of that name; for no name the primary, else the first that is connected. */
export function chooseOutput(outputs: readonly Output[], displayId: string): Output | undefined {
  const connected = outputs.filter((output) => output.connected);
  if (displayId !== '') return connected.find(({ name }) => name === displayId);
  return connected.find(({ primary }) => primary) ?? connected[0];
}

/** Of the modes of exactly that size the one that is nearest to 60 Hz. */
export function modeOfSize(modes: readonly Mode[], { width, height }: Size): Mode | undefined {
  return modes
    .filter((mode) => mode.plain && mode.width === width && mode.height === height)
    .sort((a, b) => Math.abs(a.refresh - 60) - Math.abs(b.refresh - 60))[0];
}
