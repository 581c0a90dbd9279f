import { writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { findConflicts } from "../../../../src/app/custody/find-conflicts.js";
import { bringUpAgents, type Agents } from "../../support/agents.js";
import { mergeDepsOf, warningsOf } from "../../support/merging.js";
import { createRepo, describeRepo, type Repo } from "../../support/repo.js";
import { errorOf } from "../../support/temp.js";

let repo: Repo;
let agents: Agents;

beforeEach(async () => {
  repo = await createRepo();
  agents = await bringUpAgents(repo, 3);
});

const find = (base = "HEAD") => findConflicts(mergeDepsOf(agents), { base, spec: agents.spec });

test("every pair is looked at, and nothing but the agents' own branches changes", async () => {
  await agents.commit(1, "README.md", "one\n");
  await agents.commit(2, "README.md", "two\n");
  await agents.git(3, "switch", "-q", "--orphan", "fresh");
  await agents.commit(3, "three.txt");
  for (const index of [1, 2, 3]) await agents.sync(index);
  await writeFile(path.join(agents.worktreeOf(1), "draft"), "");
  const before = await describeRepo(repo);
  const { base, pairs, uncommitted } = await find();
  expect(base).toEqual({ name: "HEAD", oid: await repo.git("rev-parse", "HEAD") });
  expect(
    pairs.map(({ one, other, verdict, files }) => [one, other, verdict, files.map((file) => file.path)]),
  ).toEqual([
    ["HEAD", "agent-1", "clean", []],
    ["HEAD", "agent-2", "clean", []],
    ["HEAD", "agent-3", "unrelated", []],
    ["agent-1", "agent-2", "conflict", ["README.md"]],
    ["agent-1", "agent-3", "unrelated", []],
    ["agent-2", "agent-3", "unrelated", []],
  ]);
  expect(await describeRepo(repo)).toBe(before);
  expect(uncommitted.get("agent-1")).toBe(1);
  expect(warningsOf(mergeDepsOf(agents))).toEqual([
    "agent-1 has 1 file with uncommitted changes, which are not part of this",
  ]);
});

test("a base can be named, and one that does not exist is told", async () => {
  await agents.commit(1, "README.md", "one\n");
  await repo.git("switch", "-q", "-c", "release");
  await repo.write("README.md", "release\n");
  await repo.commit("release");
  await repo.git("switch", "-q", "main");
  const { pairs } = await find("release");
  expect(pairs.filter(({ verdict }) => verdict === "conflict")).toEqual([
    {
      one: "release",
      other: "agent-1",
      verdict: "conflict",
      files: [{ path: "README.md", kinds: ["contents"] }],
    },
  ]);
  expect(await errorOf(find("nosuch"))).toMatchObject({ code: "E_NO_COMMIT" });
});
