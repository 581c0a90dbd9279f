import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { killAgents } from "../../../../src/app/custody/kill.js";
import type { ProjectDeps } from "../../../../src/app/ports.js";
import { createFakeProgress } from "../../fakes/progress.js";
import { bringUpAgents } from "../../support/agents.js";
import { agentContainers, agentStates } from "../../support/containers.js";
import { createRepo } from "../../support/repo.js";

test("an agent that wrote something between the look and the stop keeps it, and does not run unsealed", async () => {
  const agents = await bringUpAgents(await createRepo(), 1);
  const { engine } = agents;
  const stop = engine.stopContainer.bind(engine);
  const progress = createFakeProgress();
  const deps: ProjectDeps = {
    ...agents.deps,
    progress,
    engine: {
      ...engine,
      async stopContainer(id) {
        await writeFile(path.join(agents.worktreeOf(1), "late.txt"), "");
        await stop(id);
      },
    },
  };
  const request = { selectors: ["1"], force: false, base: "HEAD", spec: agents.spec, now: new Date() };
  const { removed, outcomes } = await killAgents(deps, request);
  expect(removed).toEqual([]);
  expect(outcomes.map(({ error }) => error?.code)).toEqual(["E_WORK_AT_RISK"]);
  expect(
    agentContainers(engine).filter(({ state, seal }) => state === "running" && seal === undefined),
  ).toEqual([]);
  expect(agentStates(engine)).toEqual(["agent-1 exited"]);
  expect(progress.warnings).toEqual([
    "agent-1 was stopped for this and stays so; to start it: devkit agent up 1",
  ]);
});
