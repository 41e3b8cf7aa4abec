import { definePlugin, type Plugin, Telemetry } from '@limiquantix/plugin-sdk';
import { openSources } from './linux/index.ts';
import { Reporter } from './report.ts';
import { Ticker } from './ticker.ts';

interface Config {
  readonly interval_secs: number;
}

const plugin: Plugin<Config> = definePlugin<Config>((context) => {
  const { name, config, emit, listening, log } = context;
  const sources = openSources();
  const reporter = new Reporter(sources, log);
  let active = false;

  async function send(sessionId?: string): Promise<void> {
    const report = await reporter.report();
    if (active) emit(Telemetry, report, sessionId);
  }

  const ticker = new Ticker(config.interval_secs * 1000, async () => {
    if (listening()) await send();
    else ticker.stop();
  });

  function resume(): void {
    active = true;
    if (!listening()) return;
    ticker.start();
    void send();
  }

  function pause(): void {
    active = false;
    ticker.stop();
  }

  return {
    tap(hooks) {
      hooks.started.tap(name, () => {
        reporter.prime();
        resume();
      });
      hooks.connected.tap(name, ({ id }) => {
        if (!active) return;
        ticker.start();
        void send(id);
      });
      // statfs is file I/O too.
      hooks.freezing.tap(name, pause);
      hooks.thawed.tap(name, resume);
      hooks.stopping.tap(name, pause);
    },
    dispose() {
      pause();
      sources.close();
    },
  };
});

export default plugin;
