import type { Acting, Looking } from "../app/health/check.js";
import type { Shutdown } from "../base/shutdown.js";
import { allowedNames } from "../config/allowed-names.js";
import type { Reporter } from "../output/reporter.js";
import type { Deps } from "./deps.js";

export interface HealthContext {
  readonly deps: Deps;
  readonly reporter: Reporter;
  readonly shutdown: Shutdown;
}

/** What doctor and repair look with; each looks anew. */
export async function connectLooking({ deps, shutdown }: HealthContext): Promise<() => Looking> {
  const [{ createLooking }, machine] = await Promise.all([
    import("../app/health/looking.js"),
    deps.machine(),
  ]);
  return () =>
    createLooking({
      ...{ host: deps.host, machine, ssh: deps.ssh, signal: shutdown.signal },
      gitVersion: () => deps.gitVersion(),
      engine: () => deps.engine(),
      spawning: () => deps.spawning(),
      settings: () => deps.config(),
    });
}

/** What they mend with: the very use-cases that `agent up`, `devkit up` and `image build` are. */
export async function connectActing({ deps, reporter, shutdown }: HealthContext): Promise<Acting> {
  const { host } = deps;
  const { signal } = shutdown;
  const [spawning, config, machine] = await Promise.all([deps.spawning(), deps.config(), deps.machine()]);
  const { settings, settingsOf } = config;
  const common = { settings, settingsOf, allowed: allowedNames(config), host, signal };
  return {
    ...{ host, machine, deps: spawning },
    async bringUp(agents) {
      const [{ bringUp }, { requireSuccess }] = await Promise.all([
        import("../app/agents/up.js"),
        import("../app/agents/outcome.js"),
      ]);
      const only = agents.map(({ index }) => index);
      const { outcomes } = await bringUp(spawning, {
        ...{ ...common, extras: deps.extras, hostHooks: await deps.hostHooks(config) },
        ...{ count: only.length, only, force: false, dryRun: false, now: new Date() },
      });
      requireSuccess(outcomes, 0);
    },
    async startStack() {
      const { startStack } = await import("../app/egress/stack.js");
      await startStack(spawning, common);
    },
    async buildImages() {
      const { buildImages } = await import("../app/images/build-images.js");
      await deps.extras([]);
      await buildImages({ engine: spawning.engine, host, progress: reporter, signal }, settings, {});
    },
  };
}
