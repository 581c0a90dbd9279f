import { expect, test } from "vitest";
import { requireSuccess } from "../../../../src/app/agents/outcome.js";
import { syncAgents } from "../../../../src/app/custody/sync-agents.js";
import { DevkitError, isDevkitError } from "../../../../src/base/errors.js";
import { bringUpAgents } from "../../support/agents.js";
import { createRepo } from "../../support/repo.js";

const noSpec = () => Promise.reject(new Error("every container runs"));

test("a diverged branch is that agent's failure, named once; the others come home", async () => {
  const repo = await createRepo();
  const agents = await bringUpAgents(repo, 3);
  const onHost = await repo.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "on the host");
  await repo.git("update-ref", "refs/heads/agent/agent-2/idle", onHost);
  await agents.commit(2, "two.txt");
  const work = await agents.commit(3, "three.txt");

  const { outcomes, synced } = await syncAgents(agents.deps, [], noSpec);
  expect(outcomes.map(({ error }) => error?.code)).toEqual([undefined, "E_DIVERGED", undefined]);
  expect(synced.map(({ agent }) => agent.index)).toEqual([1, 2, 3]);
  expect(await repo.git("rev-parse", "agent/agent-3/idle")).toBe(work);

  let thrown: unknown;
  try {
    requireSuccess(outcomes.slice(1, 2), 0);
  } catch (error) {
    thrown = error;
  }
  const error = isDevkitError(thrown) ? thrown : new DevkitError("E_BUG", "it did not fail");
  expect(error).toMatchObject({ code: "E_DIVERGED", exitCode: 5 });
  expect(error.message.match(/agent-2:/g)).toHaveLength(1);
});
