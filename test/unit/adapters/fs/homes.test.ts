import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createAgentState } from "../../../../src/adapters/fs/agent-state.js";
import type { CreateHome } from "../../../../src/app/ports.js";
import type { AgentPaths } from "../../../../src/domain/identity/project.js";
import { tempAgent } from "../../support/agent-dirs.js";
import { errorOf, tempDir } from "../../support/temp.js";

const state = createAgentState();
const IDENTITY = [{ key: "user.name", value: "Tess Ter" }];

let paths: AgentPaths;

const request = (change: Partial<CreateHome> = {}): CreateHome => ({
  paths,
  user: { uid: 1000, gid: 1000 },
  identity: IDENTITY,
  mounts: [],
  ...change,
});

const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

beforeEach(async () => {
  paths = await tempAgent();
});

describe("making a home", () => {
  test("makes it and all the generated files, and then it counts as there", async () => {
    expect(await state.inspect(paths)).toMatchObject({ home: false, git: false });
    await state.createHome(request());
    expect(await state.inspect(paths)).toMatchObject({ home: true, git: false });
    expect(await readFile(paths.dotgit, "utf8")).toBe("gitdir: /devkit/git\n");
    expect(await readFile(paths.passwd, "utf8")).toContain("agent:x:1000:1000:");
    expect(await readFile(paths.group, "utf8")).toContain("agent:x:1000:");
    expect(await readFile(path.join(paths.home, ".gitconfig.devkit"), "utf8")).toContain("Tess Ter");
    expect((await readdir(paths.state)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("is closed to others, whatever the umask", async () => {
    await rm(paths.state, { recursive: true });
    const before = process.umask(0o077);
    try {
      await state.createHome(request());
      expect(await modeOf(paths.state)).toBe("700");
      expect(await modeOf(path.join(paths.home, ".ssh"))).toBe("700");
      expect(await modeOf(path.join(paths.home, ".cache"))).toBe("755");
    } finally {
      process.umask(before);
    }
  });

  test("with the mount points that other mounts need in it", async () => {
    const mounts = [
      { hostPath: paths.home, containerPath: "/home/agent", readOnly: false },
      { hostPath: "/x", containerPath: "/home/agent/src/app/.git/objects", readOnly: true },
    ];
    await state.createHome(request({ mounts }));
    expect((await stat(path.join(paths.home, "src/app/.git/objects"))).isDirectory()).toBe(true);
  });

  test("again changes nothing the agent did, and makes what is missing beside it", async () => {
    await state.createHome(request());
    await writeFile(path.join(paths.home, ".gitconfig"), "mine");
    await rm(paths.passwd);
    expect(await state.inspect(paths)).toMatchObject({ home: false, git: false });
    await state.createHome(request());
    expect(await state.inspect(paths)).toMatchObject({ home: true, git: false });
    expect(await readFile(path.join(paths.home, ".gitconfig"), "utf8")).toBe("mine");
  });

  test("removes what killed runs left, and nothing else", async () => {
    for (const left of [".home-abc", ".git-def"]) {
      await mkdir(path.join(paths.state, left, "deep"), { recursive: true });
      await chmod(path.join(paths.state, left), 0o500);
    }
    await writeFile(path.join(paths.state, ".passwd.1.tmp"), "");
    await mkdir(paths.git);
    await writeFile(path.join(paths.git, "HEAD"), "precious");
    await state.createHome(request());
    expect((await readdir(paths.state)).sort()).toEqual(["dotgit", "git", "group", "home", "passwd"].sort());
    expect(await readFile(path.join(paths.git, "HEAD"), "utf8")).toBe("precious");
  });

  test("does not follow links that a killed run's leftovers may be", async () => {
    const outside = await tempDir();
    await writeFile(path.join(outside, "precious"), "");
    await symlink(outside, path.join(paths.state, ".home-link"));
    await state.createHome(request());
    expect(await readdir(outside)).toEqual(["precious"]);
  });

  test("where it cannot is an error that names the place", async () => {
    await rm(paths.state, { recursive: true });
    await writeFile(paths.state, "in the way");
    const error = await errorOf(state.createHome(request()));
    expect(error.code).toBe("E_FILE");
    expect(error.message).toContain(paths.home);
  });
});

describe("refreshing a home", () => {
  const generated = () => path.join(paths.home, ".gitconfig.devkit");
  const refresh = () => state.refreshHome(paths, [{ key: "user.name", value: "New Name" }]);

  beforeEach(() => state.createHome(request()));

  test("writes the identity again when it changed, and only then", async () => {
    await refresh();
    expect(await readFile(generated(), "utf8")).toContain("New Name");
    const { ino } = await stat(generated());
    await refresh();
    expect((await stat(generated())).ino).toBe(ino);
  });

  test("replaces a link an agent put there, and leaves its target alone", async () => {
    const target = path.join(await tempDir(), "target");
    await writeFile(target, "precious");
    await rm(generated());
    await symlink(target, generated());
    await refresh();
    expect(await readFile(target, "utf8")).toBe("precious");
    expect(await readFile(generated(), "utf8")).toContain("New Name");
  });

  test("is not held up by a directory an agent put there", async () => {
    await rm(generated());
    await mkdir(path.join(generated(), "in the way"), { recursive: true });
    await refresh();
    expect(await readFile(generated(), "utf8")).toContain("New Name");
  });

  test("leaves nothing half-made in the home, where the agent could reach it", async () => {
    await refresh();
    expect((await readdir(paths.home)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect((await readdir(paths.state)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("does not disturb a sync that runs at the same time", async () => {
    let isOver = false;
    const refreshing = (async () => {
      while (!isOver) await refresh();
    })();
    try {
      for (let turn = 0; turn < 100; turn += 1) await state.setSyncPending(paths, true);
      expect(await state.isSyncPending(paths)).toBe(true);
    } finally {
      isOver = true;
      await refreshing;
    }
  });
});
