import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import {
  agentsOnHost,
  areAllOnHost,
  enrol,
  loadRoster,
  readRuntime,
} from "../../../../src/adapters/fs/roster.js";
import { agentPaths, projectOf, type Project } from "../../../../src/domain/identity/project.js";
import { tempDir } from "../../support/temp.js";

let project: Project;

beforeEach(async () => {
  const dir = await tempDir();
  project = projectOf({ root: dir, commonDir: path.join(dir, ".git"), stateHome: path.join(dir, "state") });
});

const plant = (name: string, text: string) => {
  const state = path.join(project.stateDir, "agents", name);
  mkdirSync(state, { recursive: true });
  writeFileSync(path.join(state, "index"), text);
};

test("nobody has a name before anybody was given one", () => {
  expect(loadRoster(project).size).toBe(0);
});

test("a name that is given is there for this command and for the next", async () => {
  await enrol(project, { index: 4, name: "docs" }, "container");
  expect([...project.roster]).toEqual([["docs", 4]]);
  expect([...loadRoster(project)]).toEqual([["docs", 4]]);
});

test("of a name that could not be written down nothing stays", async () => {
  // As with a full disk: there is room for the directory, here within the length of a path, and none for a file in it.
  let stateDir = project.stateDir;
  while (stateDir.length < 4070) stateDir += `/${"x".repeat(Math.min(200, 4075 - stateDir.length))}`;
  await expect(enrol({ ...project, stateDir }, { index: 4, name: "docs" }, "container")).rejects.toThrow(
    /ENAMETOOLONG/,
  );
  expect(readdirSync(path.join(stateDir, "agents"))).toEqual([]);
});

test("an agent that is called by its index needs no entry", async () => {
  await enrol(project, { index: 4, name: "agent-4" }, "container");
  expect(loadRoster(project).size).toBe(0);
});

test("what is no index gives no name, and does not hide the others", () => {
  plant("docs", "4\n");
  plant("api", "four\n");
  plant("web", "0\n");
  plant("ops", "1".repeat(5));
  plant("a b", "7\n");
  plant("agent-2", "9\n");
  const linked = path.join(project.stateDir, "agents", "linked");
  mkdirSync(linked);
  symlinkSync(path.join(project.stateDir, "agents", "docs", "index"), path.join(linked, "index"));
  expect([...loadRoster(project)]).toEqual([["docs", 4]]);
});

test("that an agent has no container is written down for it alone", async () => {
  expect(areAllOnHost(project)).toBe(true);
  await enrol(project, { index: 4, name: "docs" }, "host");
  await enrol(project, { index: 1, name: "agent-1" }, "host");
  expect(agentsOnHost(project)).toEqual([
    { index: 1, name: "agent-1" },
    { index: 4, name: "docs" },
  ]);
  expect(readRuntime(agentPaths(project, { index: 1, name: "agent-1" }))).toBe("host");
  expect(areAllOnHost(project)).toBe(true);
  await enrol(project, { index: 5, name: "api" }, "container");
  expect(areAllOnHost(project)).toBe(false);
  const { runtime } = agentPaths(project, { index: 5, name: "api" });
  writeFileSync(runtime, "host and more\n");
  expect(agentsOnHost(project).map(({ name }) => name)).toEqual(["agent-1", "docs"]);
});

test("agents that cannot be read may all have containers", () => {
  mkdirSync(project.stateDir, { recursive: true });
  writeFileSync(path.join(project.stateDir, "agents"), "");
  expect(areAllOnHost(project)).toBe(false);
});
