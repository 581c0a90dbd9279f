import { chmod, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createTrash } from "../../../../src/adapters/fs/trash.js";
import { diskUsage, removeTree } from "../../../../src/adapters/fs/trees.js";
import type { Trash } from "../../../../src/app/ports-trash.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import type { TrashEntry, TrashItem } from "../../../../src/domain/custody/trash.js";
import {
  agentPaths,
  projectOf,
  type AgentPaths,
  type Project,
} from "../../../../src/domain/identity/project.js";
import { tempDir } from "../../support/temp.js";

let project: Project;
let trash: Trash;
let paths: AgentPaths;

const entry: TrashEntry = {
  id: "agent-2-20260102T030405Z",
  agent: agentAt(2),
  branch: "agent/agent-2/idle",
  commit: "a".repeat(40),
  keepsFiles: true,
  work: ["1 stash"],
};
const item = (stage: TrashItem["stage"], inTrash: boolean): TrashItem => ({ entry, stage, inTrash });

beforeEach(async () => {
  const root = await tempDir();
  project = projectOf({ root, commonDir: path.join(root, ".git"), stateHome: await tempDir() });
  trash = createTrash(project);
  paths = agentPaths(project, entry.agent);
  await mkdir(paths.home, { recursive: true });
  await writeFile(path.join(paths.home, "note"), "mine");
  await mkdir(paths.worktree, { recursive: true });
  await writeFile(path.join(paths.worktree, "draft"), "work");
});

describe("an entry", () => {
  test("goes into the trash and comes back, and each step may be done twice", async () => {
    await trash.begin(entry);
    expect(await trash.list()).toEqual([item("removing", false)]);
    for (const _ of [1, 2]) await trash.moveFiles(entry, "trash");
    for (const _ of [1, 2]) await trash.moveState(entry, "trash");
    expect(await trash.list()).toEqual([item("removing", true)]);
    expect(await readdir(path.dirname(paths.state))).toEqual([]);
    expect(await readdir(path.dirname(paths.worktree))).toEqual([]);
    await trash.setStage(item("removing", true), "kept");
    expect(await trash.list()).toEqual([item("kept", true)]);
    expect(await trash.ids()).toEqual([entry.id]);
    await trash.setStage(item("kept", true), "restoring");
    for (const _ of [1, 2]) await trash.moveFiles(entry, "agent");
    for (const _ of [1, 2]) await trash.moveState(entry, "agent");
    expect(await trash.list()).toEqual([item("restoring", false)]);
    await trash.setStage(item("restoring", false), undefined);
    expect(await trash.list()).toEqual([]);
    expect(await readFile(path.join(paths.worktree, "draft"), "utf8")).toBe("work");
    expect(await readFile(path.join(paths.home, "note"), "utf8")).toBe("mine");
  });

  test("is removed for good, also where parts are closed to their own user", async () => {
    await trash.begin(entry);
    await trash.moveState(entry, "trash");
    await trash.moveFiles(entry, "trash");
    await chmod(path.join(project.devkitDir, "trash", entry.id), 0o500);
    await trash.remove(entry.id);
    expect([await trash.list(), await trash.ids()]).toEqual([[], []]);
  });

  test("of an agent that closed its worktree moves all the same", async () => {
    await chmod(paths.worktree, 0o500);
    await trash.moveFiles(entry, "trash");
    expect(await readdir(path.join(project.devkitDir, "trash", entry.id))).toEqual(["draft"]);
  });

  test("does not replace files that stand in its place", async () => {
    await trash.moveFiles(entry, "trash");
    await mkdir(paths.worktree);
    await writeFile(path.join(paths.worktree, "other"), "theirs");
    await expect(trash.moveFiles(entry, "agent")).rejects.toMatchObject({ code: "E_FILE" });
    expect(await readFile(path.join(paths.worktree, "other"), "utf8")).toBe("theirs");
  });

  test("takes the place of what a lost registration left", async () => {
    await trash.moveFiles(entry, "trash");
    await mkdir(paths.worktree);
    await writeFile(path.join(paths.worktree, ".git"), "gitdir: /nowhere\n");
    await trash.moveFiles(entry, "agent");
    expect(await readdir(paths.worktree)).toEqual(["draft"]);
  });
});

test("what is no entry is not listed", async () => {
  await mkdir(path.join(project.stateDir, "trash", "agent-2-20260102T030405Z"), { recursive: true });
  await mkdir(path.join(project.stateDir, "trash", "notes"));
  const file = path.join(project.stateDir, "trash", "agent-2-20260102T030405Z", "entry.json");
  for (const text of ["", "{", "null", "{}", JSON.stringify({ ...entry, id: "../../x" })]) {
    await writeFile(file, text);
    expect(await trash.list()).toEqual([]);
  }
  expect(await trash.ids()).toEqual(["agent-2-20260102T030405Z"]);
});

test("size counts what is on disk, and what is not there is nothing", async () => {
  await writeFile(path.join(paths.home, "large"), Buffer.alloc(100_000, 1));
  expect(await diskUsage(paths.home)).toBeGreaterThan(90_000);
  expect(await diskUsage(path.join(paths.home, "nothing"))).toBe(0);
  await removeTree(path.join(paths.home, "nothing"));
});
