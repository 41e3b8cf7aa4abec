// Parts of packages that have no types of their own.

declare module 'cosmiconfig/dist/ExplorerSync.js' {
  export class ExplorerSync<Config> {
    constructor(options: {
      readonly moduleName: string;
      readonly searchPlaces: readonly string[];
      readonly loaders: Readonly<Record<string, (path: string, text: string) => Config>>;
      readonly transform: (result: Found<Config> | null) => Found<Config> | null;
      readonly cache: boolean;
    });
    load(path: string): Found<Config> | null;
  }

  interface Found<Config> {
    /** Undefined where the file is empty. */
    readonly config: Config | undefined;
  }
}

declare module 'winston/lib/winston/create-logger.js' {
  import type { createLogger } from 'winston';

  const create: typeof createLogger;
  export default create;
}

declare module 'winston/lib/winston/transports/stream.js' {
  import type { transports } from 'winston/lib/winston/transports/index.js';

  const Stream: transports.StreamTransportInstance;
  export default Stream;
}
