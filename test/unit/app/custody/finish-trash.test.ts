import { describe, expect, test } from "vitest";
import { finishTrash } from "../../../../src/app/custody/finish-trash.js";
import type { ProjectDeps } from "../../../../src/app/ports.js";
import { DevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { trashId, type TrashEntry } from "../../../../src/domain/custody/trash.js";
import { bringUpAgents } from "../../support/agents.js";
import { createRepo } from "../../support/repo.js";
import { errorOf } from "../../support/temp.js";

const entryOf = (index: number): TrashEntry => ({
  id: trashId(agentAt(index), "20260102T030405Z"),
  agent: agentAt(index),
  branch: `agent/agent-${String(index)}/idle`,
  commit: undefined,
  keepsFiles: false,
  work: [],
});

describe("finishing what was cut off", () => {
  test("goes on with the others where one cannot be finished, and then says so", async () => {
    const agents = await bringUpAgents(await createRepo(), 3);
    for (const index of [1, 2, 3]) await agents.deps.trash.begin(entryOf(index));
    const { worktrees } = agents.deps;
    const deps: ProjectDeps = {
      ...agents.deps,
      worktrees: {
        ...worktrees,
        unregister: (worktree) =>
          worktree.endsWith("agent-1")
            ? Promise.reject(new DevkitError("E_GIT", "agent-1 is stuck"))
            : worktrees.unregister(worktree),
      },
    };
    expect(await errorOf(finishTrash(deps))).toMatchObject({ code: "E_GIT", message: "agent-1 is stuck" });
    const stages = async () =>
      (await deps.trash.list()).map(({ entry, stage }) => [entry.agent.index, stage]);
    expect((await stages()).sort()).toEqual([
      [1, "removing"],
      [2, "kept"],
      [3, "kept"],
    ]);
    await finishTrash(agents.deps);
    expect((await stages()).map(([, stage]) => stage)).toEqual(["kept", "kept", "kept"]);
  });
});
