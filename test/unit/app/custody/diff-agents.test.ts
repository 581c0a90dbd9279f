import { rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import { beforeEach, expect, test } from "vitest";
import { diffAgents, writeAgentPatch, type AgentDiff } from "../../../../src/app/custody/diff-agents.js";
import { bytesPath } from "../../../../src/adapters/git/file-states.js";
import { createMerging, warningsOf, type Merging } from "../../support/merging.js";
import { collect } from "../../../support/live-process.js";
import { gitIn } from "../../support/repo.js";
import { tempDir } from "../../support/temp.js";

let it: Merging;
let worktree: string;

beforeEach(async () => {
  it = await createMerging();
  worktree = it.agents.worktreeOf(1);
});

async function diff(): Promise<AgentDiff> {
  const [one] = await diffAgents(it.deps, { selectors: ["1"], base: "HEAD", spec: it.agents.spec });
  if (one === undefined) throw new Error("no agent");
  return one;
}

async function patch(): Promise<Buffer> {
  const sink = new PassThrough();
  const collected = collect(sink);
  await writeAgentPatch(it.deps, await diff(), sink);
  sink.end();
  return collected;
}

test("commits, changed, renamed and untracked files since the agent branched, not what the primary did since", async () => {
  const base = await it.rev("main");
  await it.agents.commit(1, "one.txt", "1\n2\n");
  await it.repo.write("own.txt", "own");
  await it.repo.commit("own");
  await it.agents.git(1, "mv", "src/app.js", "src/main.js");
  await it.agents.git(1, "commit", "-q", "-m", "moved");
  await writeFile(path.join(worktree, "README.md"), "changed\n");
  await writeFile(path.join(worktree, "new\u001b"), "");
  expect(await diff()).toMatchObject({
    base,
    branch: "agent/agent-1/idle",
    commits: [{ subject: "one.txt" }, { subject: "moved" }],
    files: [
      { path: "README.md", status: "modified", added: 1, deleted: 1 },
      { path: "one.txt", status: "added", added: 2, deleted: 0 },
      { path: "src/main.js", oldPath: "src/app.js", status: "renamed" },
    ],
    uncommitted: ["README.md"],
    untracked: ["new\u001b"],
  });
});

test("the patch makes the same files elsewhere, whatever the user's settings and the kinds of files", async () => {
  for (const [name, value] of [
    ["diff.noprefix", "true"],
    ["diff.mnemonicPrefix", "true"],
    ["color.ui", "always"],
    ["diff.external", "false"],
    ["diff.x.textconv", "false"],
    ["diff.renames", "copies"],
    ["core.quotePath", "false"],
  ] as const)
    await it.repo.git("config", name, value);
  await writeFile(path.join(worktree, ".gitattributes"), "*.js diff=x\n*.txt -diff\n");
  await writeFile(bytesPath(worktree, 'f\u00e9\n" x'), Buffer.from([0, 1, 0xff]));
  await symlink("README.md", path.join(worktree, "link"));
  await writeFile(path.join(worktree, "run"), "x\n", { mode: 0o755 });
  await it.agents.git(1, "add", "-A");
  await it.agents.git(1, "commit", "-q", "-m", "odd");
  await rename(path.join(worktree, "run"), path.join(worktree, "link"));
  await rm(path.join(worktree, "README.md"));
  await writeFile(path.join(worktree, "src/app.js"), "1;\n2; // \u00e9\u001b[31m\n3;\n");
  const text = await patch();
  const copy = path.join(await tempDir(), "copy");
  await it.repo.git("worktree", "add", "-q", "--detach", copy, "main");
  const file = path.join(copy, "..", "patch");
  await writeFile(file, text);
  await gitIn(copy, "apply", "--index", file);
  await it.agents.git(1, "add", "-A");
  expect(await gitIn(copy, "write-tree")).toBe(await it.agents.git(1, "write-tree"));
});

test("untracked files are named beside a patch, and nothing is written for an agent that did nothing", async () => {
  expect((await patch()).length).toBe(0);
  await writeFile(path.join(worktree, "new"), "");
  expect((await patch()).length).toBe(0);
  expect(warningsOf(it.deps)).toEqual(["agent-1 has untracked files, which are not in the patch: new"]);
});

test("what is merged is no change any more", async () => {
  await it.agents.commit(1, "one.txt");
  await it.run();
  expect(await diff()).toMatchObject({ commits: [], files: [] });
});

test("a history of its own is shown whole, and submodules are named", async () => {
  // A gitlink comes home only where the user's own commit has the submodule.
  await it.repo.write(".gitmodules", '[submodule "sub"]\n\tpath = sub\n\turl = ../sub\n');
  await it.repo.commit("a submodule");
  await it.agents.git(1, "switch", "-q", "--orphan", "fresh");
  await it.agents.git(1, "update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},sub`);
  await writeFile(path.join(worktree, ".gitmodules"), '[submodule "sub"]\n\tpath = sub\n\turl = ../sub\n');
  await it.agents.git(1, "add", ".gitmodules");
  await it.agents.commit(1, "one.txt");
  const found = await diff();
  expect(found).toMatchObject({ base: undefined, commits: [{ subject: "one.txt" }] });
  expect(found.files.map(({ path: file }) => file)).toContain("one.txt");
  expect(warningsOf(it.deps).join("\n")).toMatch(/no common history[^]*submodules.*sub/);
});
