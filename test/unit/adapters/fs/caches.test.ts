import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { chmod, mkdir, readdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createCaches } from "../../../../src/adapters/fs/caches.js";
import type { Caches } from "../../../../src/app/ports-caches.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { agentCaches } from "../../../../src/domain/caches/cache-places.js";
import { planCaches } from "../../../../src/domain/caches/plan-caches.js";
import { agentPaths, projectOf, type AgentPaths } from "../../../../src/domain/identity/project.js";
import { tempDir } from "../../support/temp.js";

let dir: string;
let root: string;
let caches: Caches;
let paths: AgentPaths;
const shared = planCaches({ use: ["npm", "pnpm", "cargo", "maven"], trust: "shared" });
const readonly = planCaches({ use: ["npm", "pnpm", "cargo", "maven"], trust: "readonly" });
const none = planCaches({ use: [], trust: "shared" });
const inHome = (file: string) => path.join(paths.home, file);
const own = () => agentCaches(paths);

beforeEach(async () => {
  dir = await tempDir();
  root = path.join(dir, "cache");
  caches = createCaches(root);
  paths = agentPaths(
    projectOf({ root: dir, commonDir: dir, stateHome: path.join(dir, "state") }),
    agentAt(1),
  );
  await mkdir(paths.home, { recursive: true });
  await mkdir(path.join(dir, "outside"));
});

const put = async (file: string, text = "text") => {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
};
const outside = () => readdir(path.join(dir, "outside"));

describe("making an agent's caches", () => {
  test("gives it the directories it mounts and the links that lead there, and then there is no trouble", async () => {
    expect(await caches.findTrouble(paths, shared)).toBe("it has no caches");
    await caches.make(paths, shared);
    expect(await caches.findTrouble(paths, shared)).toBeUndefined();
    expect(readlinkSync(inHome(".npm/_cacache"))).toBe("/devkit/caches/shared/npm/_cacache");
    expect(readlinkSync(inHome(".m2/repository"))).toBe("/devkit/caches/layered/maven/repository");
    expect(readFileSync(inHome(".config/pnpm/rc"), "utf8")).toBe("store-dir=/devkit/caches/shared/pnpm\n");
    for (const made of ["shared/npm/_cacache", "shared/cargo/registry/index", "base/current"])
      expect(existsSync(path.join(root, made)), made).toBe(true);
    expect(existsSync(path.join(own().upper, "maven/repository"))).toBe(true);
    expect(lstatSync(root).mode & 0o777).toBe(0o700);
  });

  test("follows the settings, and takes back what it made for others", async () => {
    await caches.make(paths, shared);
    expect(await caches.findTrouble(paths, readonly)).toBe("its caches are others now");
    await caches.make(paths, readonly);
    expect(readlinkSync(inHome(".npm/_cacache"))).toBe("/devkit/caches/layered/npm/_cacache");
    expect(readFileSync(inHome(".config/pnpm/rc"), "utf8")).toContain("/layered/pnpm");
    expect(await caches.findTrouble(paths, none)).toBe("it is to have no caches any more");
    await caches.make(paths, none);
    expect(await caches.findTrouble(paths, none)).toBeUndefined();
    expect(existsSync(inHome(".config/pnpm/rc"))).toBe(false);
    expect(lstatSync(inHome(".npm/_cacache"), { throwIfNoEntry: false })).toBeUndefined();
  });

  test.each(["shared", "base"])(
    "is needed again when %s was removed, also when it is back by then",
    async (what) => {
      await caches.make(paths, shared);
      await rm(path.join(root, what), { recursive: true });
      expect(await caches.findTrouble(paths, shared)).toBe("a directory of its caches is gone");
      await mkdir(path.join(root, what));
      expect(await caches.findTrouble(paths, shared)).toBe("its caches are others now");
      await caches.make(paths, shared);
      expect(await caches.findTrouble(paths, shared)).toBeUndefined();
    },
  );

  test("leaves alone what the agent has put in the place of a link", async () => {
    await put(inHome(".npm/_cacache/entry"));
    await put(inHome(".config/pnpm/rc"), "store-dir=/mine\n");
    await mkdir(inHome(".m2"));
    await symlink("/mine", inHome(".m2/repository"));
    await caches.make(paths, shared);
    await caches.make(paths, none);
    expect(readFileSync(inHome(".npm/_cacache/entry"), "utf8")).toBe("text");
    expect(readFileSync(inHome(".config/pnpm/rc"), "utf8")).toBe("store-dir=/mine\n");
    expect(readlinkSync(inHome(".m2/repository"))).toBe("/mine");
  });

  test("goes through no link of the agent's, in its home, in the shared caches or in its own", async () => {
    await symlink(path.join(dir, "outside"), inHome(".npm"));
    await symlink(path.join(dir, "outside"), inHome(".cargo"));
    await mkdir(path.join(root, "shared"), { recursive: true });
    await symlink(path.join(dir, "outside"), path.join(root, "shared/npm"));
    await put(path.join(root, "shared/cargo/registry"));
    await mkdir(own().upper, { recursive: true });
    await symlink(path.join(dir, "outside"), path.join(own().upper, "maven"));
    await caches.make(paths, shared);
    expect(await outside()).toEqual([]);
    for (const made of [
      path.join(root, "shared/npm"),
      path.join(root, "shared/cargo/registry"),
      path.join(own().upper, "maven"),
    ])
      expect(lstatSync(made).isDirectory(), made).toBe(true);
    expect((await readdir(root)).sort()).toEqual(["base", "shared"]);
  });

  test("what agents did to the shared directories is undone without making anything else", async () => {
    await caches.tidyShared(shared);
    expect(existsSync(root)).toBe(false);
    await caches.make(paths, shared);
    await rm(path.join(root, "shared/npm"), { recursive: true });
    await symlink("/etc", path.join(root, "shared/npm"));
    await put(path.join(root, "shared/planted"));
    await caches.tidyShared(shared);
    expect(lstatSync(path.join(root, "shared/npm/_cacache")).isDirectory()).toBe(true);
    expect(await caches.listStrays()).toEqual(["planted"]);
    await caches.removeStrays();
    expect(await caches.listStrays()).toEqual([]);
    expect(await caches.findTrouble(paths, shared)).toBeUndefined();
  });
});

describe("measuring", () => {
  const npm = () => path.join(root, "shared/npm");

  test("counts files once and follows no link", async () => {
    await put(path.join(npm(), "a/b"), "x".repeat(8192));
    execFileSync("ln", [path.join(npm(), "a/b"), path.join(npm(), "a/c")]);
    await put(path.join(dir, "outside/big"), "x".repeat(1_000_000));
    await symlink(path.join(dir, "outside"), path.join(npm(), "link"));
    const then = new Date("2025-03-04T05:06:07Z");
    await utimes(path.join(npm(), "a/b"), then, then);
    const size = await caches.measure("shared", "npm", performance.now() + 60_000);
    expect(size).toMatchObject({ files: 2, lastUsedMs: then.getTime(), isComplete: true });
    expect(size.bytes).toBeGreaterThanOrEqual(8192);
    expect(size.bytes).toBeLessThan(40_000);
  });

  test("ends at the deadline and says so; what is not there is nothing", async () => {
    for (let index = 0; index < 4; index += 1)
      for (let file = 0; file < 300; file += 1)
        await put(path.join(npm(), `${String(index)}/${String(file)}`), "");
    expect(await caches.measure("shared", "npm", 0)).toMatchObject({ isComplete: false });
    const nothing = { bytes: 0, files: 0, lastUsedMs: undefined, isComplete: true };
    expect(await caches.measure("shared", "go", 0)).toEqual(nothing);
    await symlink(path.join(dir, "outside"), path.join(root, "shared/go"));
    expect(await caches.measure("shared", "go", 0)).toEqual(nothing);
  });
});

describe("emptying", () => {
  test("removes whatever is there, however deep or closed, through no link, and leaves the tool's directories", async () => {
    await caches.make(paths, shared);
    const place = path.join(root, "shared/npm");
    await put(path.join(dir, "outside/kept"));
    await symlink(path.join(dir, "outside"), path.join(place, "link"));
    await put(path.join(place, "closed/inner/file"));
    await chmod(path.join(place, "closed/inner"), 0o000);
    let deep = path.join(place, "deep");
    for (let level = 0; level < 60; level += 1) deep = path.join(deep, "d".repeat(40));
    await put(path.join(deep, "file"));
    // Longer than any path can be.
    await rename(path.join(place, "deep"), path.join(dir, "deep"));
    await mkdir(path.join(place, "e".repeat(200), "f".repeat(200), "g".repeat(200)), { recursive: true });
    await rename(
      path.join(dir, "deep"),
      path.join(place, "e".repeat(200), "f".repeat(200), "g".repeat(200), "deep"),
    );
    await caches.empty("shared", "npm");
    expect(await readdir(place, { recursive: true })).toEqual(["_cacache"]);
    expect(await outside()).toEqual(["kept"]);
    expect((await readdir(root)).sort()).toEqual(["base", "shared"]);
  });
});

describe("adopting", () => {
  const base = (file: string) => path.join(root, "base/current", file);
  const upper = (file: string) => path.join(own().upper, file);

  test("makes a new base of the old one and regular files; the old one stays as it was", async () => {
    await caches.make(paths, shared);
    await put(upper("maven/repository/a.jar"), "one");
    await caches.adopt(paths, ["maven"]);
    expect(readlinkSync(path.join(root, "base/current"))).toBe("2");
    await put(upper("maven/repository/a.jar"), "two");
    await put(upper("maven/repository/b/b.jar"), "new");
    await caches.adopt(paths, ["maven"]);
    expect(readFileSync(base("maven/repository/a.jar"), "utf8")).toBe("two");
    expect(readFileSync(base("maven/repository/b/b.jar"), "utf8")).toBe("new");
    expect(readFileSync(path.join(root, "base/2/maven/repository/a.jar"), "utf8")).toBe("one");
    expect((await caches.listOldBases()).map((one) => path.basename(one))).toEqual(["1", "2"]);
    await caches.removeOldBases();
    expect((await readdir(path.join(root, "base"))).sort()).toEqual(["3", "current"]);
    await caches.empty("base", "maven");
    expect(existsSync(base("maven"))).toBe(false);
    expect(await caches.findTrouble(paths, shared)).toBeUndefined();
  });

  test("takes no link, device, pipe, special bit or lock of another process, and says how many it left", async () => {
    await caches.make(paths, shared);
    await put(path.join(dir, "outside/secret"), "secret");
    await put(upper("maven/repository/good.jar"));
    await put(upper("maven/repository/good.jar.lock"));
    await put(upper("maven/repository/closed.jar"));
    await chmod(upper("maven/repository/good.jar"), 0o6755);
    await symlink(path.join(dir, "outside/secret"), upper("maven/repository/link.jar"));
    await symlink(path.join(dir, "outside"), upper("maven/repository/dir"));
    execFileSync("mkfifo", [upper("maven/repository/pipe")]);
    const found = await caches.inspectOwn(paths, "maven");
    expect(found).toEqual({ files: 2, bytes: 8, leftOut: 4 });
    await caches.adopt(paths, ["maven"]);
    expect((await readdir(base("maven/repository"))).sort()).toEqual(["closed.jar", "good.jar"]);
    expect(lstatSync(base("maven/repository/good.jar")).mode & 0o7000).toBe(0);
    expect((await caches.inspectOwn(paths, "go")).files).toBe(0);
  });

  test("puts a directory in the place of a file of the old base, and a file in that of a directory", async () => {
    await caches.make(paths, shared);
    await put(upper("maven/a"));
    await put(upper("maven/b/inner"));
    await caches.adopt(paths, ["maven"]);
    await rm(upper("maven"), { recursive: true });
    await put(upper("maven/a/inner"));
    await put(upper("maven/b"));
    await caches.adopt(paths, ["maven"]);
    expect(lstatSync(base("maven/a/inner")).isFile()).toBe(true);
    expect(lstatSync(base("maven/b")).isFile()).toBe(true);
    expect(lstatSync(path.join(root, "base/2/maven/a")).isFile()).toBe(true);
  });

  test("by several at once loses nothing", async () => {
    await caches.make(paths, shared);
    for (const tool of ["maven", "ivy", "npm"] as const) await put(upper(`${tool}/file`));
    await Promise.all(
      (["maven", "ivy", "npm"] as const).map((tool) => createCaches(root).adopt(paths, [tool])),
    );
    expect((await readdir(base(""))).sort()).toEqual(["ivy", "maven", "npm"]);
  });
});

test("an agent's own go with it; what the kernel has closed is left to the engine", async () => {
  await caches.make(paths, shared);
  expect(await caches.removeOwn(paths)).toBe(true);
  expect(existsSync(own().root)).toBe(false);
  expect(await caches.removeOwn(paths)).toBe(true);
});
