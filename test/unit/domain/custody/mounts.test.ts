import { describe, expect, test } from "vitest";
import { isDevkitError } from "../../../../src/base/errors.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import {
  agentMounts,
  canHoldWorktree,
  checkMountable,
  isWithin,
  nestedMountPoints,
  type MountSpec,
} from "../../../../src/domain/custody/mounts.js";
import { agentPaths } from "../../../../src/domain/identity/project.js";
import { PROJECT } from "../../support/things.js";

describe("isWithin goes by whole segments", () => {
  test.each([
    ["/a/b", "/a/b", true],
    ["/a/b/c", "/a/b", true],
    ["/a/bc", "/a/b", false],
    ["/a", "/a/b", false],
    ["/a/b/c", "/a/b/", true],
    ["/a", "/", true],
    ["/", "/", true],
    ["/workspace2", "/workspace", false],
    ["/a/b", "/a/b/", false],
  ])("%s in %s: %s", (child, parent, expected) => {
    expect(isWithin(child, parent)).toBe(expected);
  });
});

describe("checkMountable", () => {
  const refusal = (path: string) => {
    try {
      checkMountable(path);
      return undefined;
    } catch (error) {
      return isDevkitError(error) ? error : undefined;
    }
  };

  test.each([
    "/workspace",
    "/workspace/demo",
    "/devkit/demo",
    "/proc/x",
    "/sys/x",
    "/dev/shm/demo",
    "/etc/demo",
    "/bin/demo",
    "/lib/demo",
    "/src/a\nb",
    "/src/a\rb",
  ])("refuses %j, and says where to go", (path) => {
    expect(refusal(path)).toMatchObject({ code: "E_PATH_UNSUPPORTED", exitCode: 2 });
    expect(refusal(path)?.hint).toMatch(/^move the repository/);
    expect(refusal(path)?.message).not.toContain("\n");
  });

  test.each(["/src/demo", "/workspaces/demo", "/home/agent/demo", "/device/x", "/tmp/with space/é"])(
    "takes %s",
    (path) => {
      expect(refusal(path)).toBeUndefined();
    },
  );
});

describe("an agent's mounts", () => {
  const agent = agentAt(2);
  const paths = agentPaths(PROJECT, agent);
  const objects = [
    { hostPath: "/src/demo/.git/objects", containerPath: "/src/demo/.git/objects" },
    { hostPath: "/mnt/real/objects", containerPath: "/srv/link/objects" },
  ];
  const mounts = agentMounts(PROJECT, agent, objects);
  const at = (containerPath: string) => mounts.find((mount) => mount.containerPath === containerPath);

  test("can be written: the worktree, the home and the private git dir, and nothing else", () => {
    const writable = mounts.filter(({ readOnly }) => !readOnly).map(({ hostPath }) => hostPath);
    expect(new Set(writable)).toEqual(new Set([paths.worktree, paths.home, paths.git]));
  });

  test("the worktree stands at /workspace and at its host path, each with the pointer over its .git", () => {
    for (const place of ["/workspace", paths.worktree]) {
      expect(at(place)).toMatchObject({ hostPath: paths.worktree, readOnly: false });
      expect(at(`${place}/.git`)).toMatchObject({ hostPath: paths.dotgit, readOnly: true });
    }
  });

  test("borrowed objects are read-only, where git looks for them", () => {
    expect(at("/src/demo/.git/objects")).toMatchObject({ readOnly: true });
    expect(at("/srv/link/objects")).toEqual({
      hostPath: "/mnt/real/objects",
      containerPath: "/srv/link/objects",
      readOnly: true,
    });
  });

  test("no source can be swapped by an agent: none lies in what any agent can write", () => {
    const writable = [agent, agentAt(1)].flatMap((one) => {
      const { worktree, home, git } = agentPaths(PROJECT, one);
      return [worktree, home, git];
    });
    for (const { hostPath } of mounts) {
      expect(writable.filter((parent) => parent !== hostPath && isWithin(hostPath, parent))).toEqual([]);
    }
  });

  test("nothing of the common git dir but its objects, and no engine socket", () => {
    const sources = mounts.map(({ hostPath }) => hostPath);
    expect(sources.filter((source) => isWithin(source, PROJECT.commonDir))).toEqual([
      "/src/demo/.git/objects",
    ]);
    expect(sources.filter((source) => source.includes("docker"))).toEqual([]);
  });
});

describe("nested mount points", () => {
  const mount = (hostPath: string, containerPath: string, readOnly = false): MountSpec => ({
    hostPath,
    containerPath,
    readOnly,
  });

  test("those that fall into a writable mount, relative to its source; .git is there already", () => {
    const mounts = [
      mount("/h/work", "/workspace"),
      mount("/h/dotgit", "/workspace/.git", true),
      mount("/h/home", "/home/agent"),
      mount("/h/cache", "/home/agent/.cache/npm"),
      mount("/h/objects", "/home/agent/src/app/.git/objects", true),
      mount("/h/other", "/home/agent2/x"),
      mount("/h/in-objects", "/home/agent/src/app/.git/objects/info"),
    ];
    expect(nestedMountPoints(mounts)).toEqual([
      { hostPath: "/h/home", relative: ".cache/npm", isFile: false },
      { hostPath: "/h/home", relative: "src/app/.git/objects", isFile: false },
      { hostPath: "/h/home", relative: "src/app/.git/objects/info", isFile: false },
    ]);
  });

  test("none in an ordinary project", () => {
    expect(nestedMountPoints(agentMounts(PROJECT, agentAt(1), []))).toEqual([]);
  });
});

describe("a further place of the worktree", () => {
  test("has the files and the pointer to the private git dir, like the others", () => {
    const places = (at?: string) => agentMounts(PROJECT, agentAt(1), [], at);
    const { worktree, dotgit } = agentPaths(PROJECT, agentAt(1));
    expect(places("/workspaces/demo").filter((one) => !places().some((other) => isSame(one, other)))).toEqual(
      [
        { hostPath: worktree, containerPath: "/workspaces/demo", readOnly: false },
        { hostPath: dotgit, containerPath: "/workspaces/demo/.git", readOnly: true },
      ],
    );
    expect(places("/workspace")).toEqual(places());
    expect(places(worktree)).toEqual(places());
  });

  test.each([
    "/",
    "/home",
    "/home/agent",
    "/home/agent/x",
    "/etc",
    "/usr",
    "/usr/bin",
    "/devkit/git",
    "/workspace/x",
  ])("cannot be %s", (at) => {
    expect(canHoldWorktree(at)).toBe(false);
  });

  test.each(["/workspace", "/workspaces/app", "/app", "/usr/src/app", "/home/node/app", "/srv"])(
    "can be %s",
    (at) => {
      expect(canHoldWorktree(at)).toBe(true);
    },
  );
});

function isSame(one: MountSpec, other: MountSpec): boolean {
  return one.containerPath === other.containerPath;
}
