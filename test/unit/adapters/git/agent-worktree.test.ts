import path from "node:path";
import { expect, test } from "vitest";
import { findAgentWorktree } from "../../../../src/adapters/git/agent-worktree.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { createRepo } from "../../support/repo.js";

test("an agent's worktree is found wherever it is, and nobody else's is taken for it", async () => {
  const repo = await createRepo();
  const add = (at: string, reason: string) =>
    repo.git("worktree", "add", "-q", "--detach", "--lock", "--reason", reason, at);
  expect(findAgentWorktree(repo.commonDir, agentAt(1))).toBeUndefined();
  await add("../other", "devkit agent-10");
  expect(findAgentWorktree(repo.commonDir, agentAt(1))).toBeUndefined();
  await add("../agent1/demo", "devkit agent-1");
  await repo.git("worktree", "add", "-q", "--detach", "../agent-2");
  const found = [1, 2, 10].map((index) => findAgentWorktree(repo.commonDir, agentAt(index)));
  const parent = path.dirname(repo.root);
  expect(found).toEqual([path.join(parent, "agent1/demo"), undefined, path.join(parent, "other")]);
});
