/** Gets ports for an agent of a project of its own, as `agent up` does, and prints them. */
import { createPortStore } from "../../../../src/adapters/fs/port-store.js";
import { assignBlocks } from "../../../../src/app/ports/assign-blocks.js";
import type { ProjectDeps } from "../../../../src/app/ports.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { projectOf } from "../../../../src/domain/identity/project.js";
import { formatBlock } from "../../../../src/domain/ports/block.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";

const [stateHome = "", name = "", mode = ""] = process.argv.slice(2);
const root = `/src/${name}`;
const project = projectOf({ root, commonDir: `${root}/.git`, stateHome });
const progress = { warn: () => undefined };
const store = createPortStore({ project, progress, signal: new AbortController().signal });
const ports: ProjectDeps["ports"] = {
  ...store,
  change: (work) =>
    store.change(async (blocks) => {
      if (mode === "die") process.kill(process.pid, "SIGKILL");
      return work(blocks);
    }),
};
const engine = { listContainers: () => Promise.resolve([]) };
const deps = { project, engine, ports, progress } as unknown as ProjectDeps;
const blockOf = await assignBlocks(deps, {
  agents: [agentAt(1), agentAt(2)],
  settingsOf: () => DEFAULT_SETTINGS,
  host: { isGone: () => Promise.resolve(false) },
  dryRun: false,
});
for (const index of [1, 2]) console.log(formatBlock(blockOf(agentAt(index)) ?? { first: 0, size: 1 }));
