import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { homeFiles } from "../../../../src/adapters/fs/home-files.js";
import type { AgentPaths } from "../../../../src/domain/identity/project.js";
import { tempDir } from "../../support/temp.js";

let dir: string;
let home: string;
let paths: AgentPaths;

beforeEach(async () => {
  dir = await tempDir();
  home = path.join(dir, "home");
  paths = { home } as AgentPaths;
  await mkdir(home);
});

const modeOf = async (file: string) => ((await stat(path.join(home, file))).mode & 0o7777).toString(8);
const write = (file: string, content = "new", mode = 0o600) => {
  homeFiles.write(paths, [{ path: file, mode, content }]);
};

describe("a file of an agent's home", () => {
  it("is written with its mode, in directories for the agent alone", async () => {
    write("a/b/key", "secret\n", 0o600);
    write("a/config", "x", 0o644);
    expect(await readFile(path.join(home, "a/b/key"), "utf8")).toBe("secret\n");
    expect(await Promise.all(["a", "a/b", "a/b/key", "a/config"].map(modeOf))).toEqual([
      "700",
      "700",
      "600",
      "644",
    ]);
  });

  it("is replaced whole, and nothing is left beside it", async () => {
    write("key", "old", 0o644);
    write("key", "new", 0o600);
    expect(homeFiles.read(paths, "key", 100)).toBe("new");
    expect(await modeOf("key")).toBe("600");
    expect(await readdir(home)).toEqual(["key"]);
  });

  it("replaces a link, and leaves alone what it leads to", async () => {
    await writeFile(path.join(dir, "victim"), "untouched");
    await symlink("../victim", path.join(home, "key"));
    write("key");
    expect(await readFile(path.join(dir, "victim"), "utf8")).toBe("untouched");
    expect(homeFiles.read(paths, "key", 100)).toBe("new");
  });

  it("is read only where it is a plain file in the home, and not too large", async () => {
    await writeFile(path.join(dir, "victim"), "secret");
    await symlink("../victim", path.join(home, "link"));
    await symlink("..", path.join(home, "up"));
    await writeFile(path.join(home, "large"), "12345");
    for (const file of ["link", "up/victim", "missing", "missing/too", "."])
      expect(homeFiles.read(paths, file, 100)).toBeUndefined();
    expect(homeFiles.read(paths, "large", 4)).toBeUndefined();
    expect(homeFiles.read(paths, "large", 5)).toBe("12345");
  });

  it("says its mode, a link's own, and that nothing is there", async () => {
    write("key", "x", 0o640);
    await symlink("key", path.join(home, "link"));
    expect([homeFiles.mode(paths, "key"), homeFiles.mode(paths, "link")]).toEqual([0o640, 0o777]);
    expect(homeFiles.mode(paths, "missing/too")).toBeUndefined();
  });

  it("is neither written nor removed through a directory that is a link", async () => {
    await mkdir(path.join(dir, "outside"));
    await writeFile(path.join(dir, "outside/key"), "untouched");
    await symlink("../outside", path.join(home, ".ssh"));
    expect(() => {
      write(".ssh/key");
    }).toThrow(expect.objectContaining({ code: "E_HOME", exitCode: 1 }));
    homeFiles.remove(paths, [".ssh/key"]);
    expect(await readFile(path.join(dir, "outside/key"), "utf8")).toBe("untouched");
    expect(await readdir(path.join(dir, "outside"))).toEqual(["key"]);
  });

  it("is not written over a directory, nor below a file, and nothing is left beside it", async () => {
    await mkdir(path.join(home, "key/inside"), { recursive: true });
    await writeFile(path.join(home, "file"), "");
    for (const file of ["key", "file/key"])
      expect(() => {
        write(file);
      }).toThrow(expect.objectContaining({ code: "E_HOME" }));
    expect((await readdir(home)).sort()).toEqual(["file", "key"]);
  });

  it("is not there where a directory is, which stays", async () => {
    write("a/key");
    await mkdir(path.join(home, "dir/inside"), { recursive: true });
    homeFiles.remove(paths, ["dir", "a/key"]);
    expect(await readdir(path.join(home, "a"))).toEqual([]);
    expect(await readdir(path.join(home, "dir"))).toEqual(["inside"]);
  });

  it("is removed, and one that is not there is fine", async () => {
    write("a/key");
    homeFiles.remove(paths, ["a/key", "a/key", "b/key"]);
    expect(await readdir(path.join(home, "a"))).toEqual([]);
  });
});
