import path from "node:path";
import { describe, expect, test } from "vitest";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { isWithin } from "../../../../src/domain/custody/mounts.js";
import {
  agentRefPrefix,
  baseRef,
  containerName,
  detachedRef,
  idleBranch,
  lockReason,
} from "../../../../src/domain/identity/names.js";
import { agentPaths, agentsDir, locksDir, projectOf } from "../../../../src/domain/identity/project.js";

const at = (root: string, commonDir = `${root}/.git`) => projectOf({ root, commonDir, stateHome: "/state" });

describe("a project's id", () => {
  test("is its name and a hash of the common git dir", () => {
    expect(at("/src/demo").id).toMatch(/^demo-[0-9a-f]{8}$/);
    expect(at("/src/demo").id).toBe(at("/src/demo").id);
  });

  test("differs for repositories of the same name, and is the same from every worktree", () => {
    expect(at("/a/demo").id).not.toBe(at("/b/demo").id);
    expect(projectOf({ root: "/a/demo", commonDir: "/git/x", stateHome: "/state" }).id).toBe(
      projectOf({ root: "/a/demo", commonDir: "/git/x", stateHome: "/other" }).id,
    );
  });

  test.each([
    "/src/My Project (2)",
    "/src/日本語",
    "/src/.hidden",
    "/src/-x-",
    `/src/${"long".repeat(50)}`,
    "/",
  ])("suits the engine's names for %s", (root) => {
    const { id } = at(root);
    expect(id).toMatch(/^[a-z0-9][a-z0-9_.-]{0,48}-[0-9a-f]{8}$/);
    expect(containerName(at(root), agentAt(9999))).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/);
  });
});

describe("an agent's places", () => {
  const project = at("/src/demo");
  const paths = agentPaths(project, agentAt(2));

  test("the worktree in the project, everything else outside it", () => {
    expect(paths.worktree).toBe("/src/demo/.devkit/agents/agent-2");
    const rest = [paths.home, paths.git, paths.dotgit, paths.passwd, paths.group];
    for (const place of rest) {
      expect(isWithin(place, project.root)).toBe(false);
      expect(path.dirname(place)).toBe(`/state/devkit/${project.id}/agents/agent-2`);
    }
  });

  test("locks and worktrees are local to the project", () => {
    expect(agentsDir(project)).toBe("/src/demo/.devkit/agents");
    expect(locksDir(project)).toBe("/src/demo/.devkit/locks");
  });
});

describe("derived names", () => {
  const agent = agentAt(12);

  test("refs of one agent never stand where another's do", () => {
    expect(idleBranch(agent)).toBe("agent/agent-12/idle");
    expect(`refs/heads/${idleBranch(agent)}`.startsWith(agentRefPrefix(agent))).toBe(true);
    expect(agentRefPrefix(agent).startsWith(agentRefPrefix(agentAt(1)))).toBe(false);
    expect(baseRef(agent)).toBe("refs/devkit/base/agent-12");
    expect(detachedRef(agent)).toBe("refs/devkit/detached/agent-12");
  });

  test("the lock's reason names devkit and the agent", () => {
    expect(lockReason(agent)).toBe("devkit agent-12");
  });
});
