import type { Output, Size } from '../output.ts';

/** What the request asks for. */
export interface Wanted extends Size {
  /** 0: as the display server sees fit. */
  readonly dpi: number;
}

/** A display server's outputs, and how one gets another size. */
export interface Screen {
  /** @throws AgentError */
  outputs(): Promise<readonly Output[]>;
  /**
   * @returns the size that the output has afterwards
   * @throws AgentError where that is not what was wanted
   */
  resize(output: Output, wanted: Wanted): Promise<Size>;
}
