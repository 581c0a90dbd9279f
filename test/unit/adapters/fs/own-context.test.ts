import { chmod, mkdir, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { readOwnContext } from "../../../../src/adapters/fs/own-context.js";
import type { OwnContextRequest } from "../../../../src/app/ports-images.js";
import { errorOf, tempDir } from "../../support/temp.js";

let dir: string;
let memory: string;

const write = async (file: string, text = file) => {
  await mkdir(path.dirname(path.join(dir, file)), { recursive: true });
  await writeFile(path.join(dir, file), text);
};

const read = (request: Partial<OwnContextRequest> = {}) =>
  readOwnContext({ dockerfile: path.join(dir, "Dockerfile"), context: undefined, ...request }, memory);

beforeEach(async () => {
  dir = await tempDir();
  memory = path.join(await tempDir(), "contexts");
  await write("Dockerfile", "FROM x\n");
  await write("src/a.js");
});

describe("what a build gets", () => {
  test("is what the .dockerignore lets in, directories too, in order", async () => {
    await write(".dockerignore", "*.log\nnode_modules\nsecret\n!secret/public\n");
    for (const file of ["a.log", "src/b.log", "node_modules/x/y", "secret/key", "secret/public"])
      await write(file);
    await symlink("a.js", path.join(dir, "src/link"));
    expect((await read()).files).toEqual([
      ".dockerignore",
      "Dockerfile",
      "secret/public",
      "src",
      "src/a.js",
      "src/b.log",
      "src/link",
    ]);
  });

  test("is never devkit's own directory, and git's only when asked for", async () => {
    for (const file of [".git/HEAD", "sub/.git", ".devkit/agents/agent-1/x", "sub/.devkit/y"])
      await write(file);
    expect((await read()).files).toEqual(["Dockerfile", "src", "src/a.js", "sub"]);
    await write(".dockerignore", "!.git\n!.devkit\n");
    expect((await read()).files).toEqual([
      ".dockerignore",
      ".git",
      ".git/HEAD",
      "Dockerfile",
      "src",
      "src/a.js",
      "sub",
    ]);
  });

  test("follows the ignore file of the Dockerfile's own name", async () => {
    await write(".dockerignore", "src\n");
    await write("Dockerfile.dockerignore", "*\n!src\n");
    expect((await read()).files).toEqual(["src", "src/a.js"]);
  });

  test("has the Dockerfile where the context has none of it, without showing it to the image", async () => {
    await write("docker/Dockerfile", "FROM y\n");
    const apart = await read({
      dockerfile: path.join(dir, "docker/Dockerfile"),
      context: path.join(dir, "src"),
    });
    expect(apart).toMatchObject({
      files: ["a.js"],
      dockerfile: { path: ".devkit.Dockerfile", text: "FROM y\n" },
    });
    expect(String(apart.entries.get(".devkit.Dockerfile"))).toBe("FROM y\n");
    expect(String(apart.entries.get(".dockerignore"))).toBe("\n.devkit.Dockerfile\n.dockerignore\n");

    await write(".dockerignore", "Dockerfile\n");
    const left = await read();
    expect(left.files).not.toContain(".dockerignore");
    expect(String(left.entries.get(".dockerignore"))).toBe("Dockerfile\n\n.devkit.Dockerfile\n");
    const inside = await read({ dockerfile: path.join(dir, "docker/Dockerfile"), context: dir });
    expect(inside).toMatchObject({ dockerfile: { path: "docker/Dockerfile" }, entries: new Map() });
  });
});

describe("the digest", () => {
  test.each<[string, () => Promise<unknown>]>([
    ["a content of the same size", () => write("src/a.js", "src/b.js")],
    ["a new file", () => write("src/b.js")],
    ["a new empty directory", () => mkdir(path.join(dir, "empty"))],
    ["a file that is gone", () => rm(path.join(dir, "src/a.js"))],
    ["a file that can be run", () => chmod(path.join(dir, "src/a.js"), 0o755)],
    ["a link instead of a file", () => relink("Dockerfile")],
  ])("changes with %s", async (_, change) => {
    const before = (await read()).digest;
    await change();
    expect((await read()).digest).not.toBe(before);
  });

  const relink = async (to: string) => {
    await rm(path.join(dir, "src/a.js"));
    await symlink(to, path.join(dir, "src/a.js"));
  };

  test("stays with a touched file, another group's rights, and what is left out", async () => {
    await write(".dockerignore", "*.log\n");
    const before = (await read()).digest;
    await utimes(path.join(dir, "src/a.js"), new Date(), new Date(1));
    await chmod(path.join(dir, "src/a.js"), 0o600);
    await write("a.log");
    expect((await read()).digest).toBe(before);
  });

  test("is the same for another clone", async () => {
    const before = (await read()).digest;
    dir = await tempDir();
    await write("Dockerfile", "FROM x\n");
    await write("src/a.js");
    expect((await read()).digest).toBe(before);
  });

  test("is remembered: an unchanged context is not read again", async () => {
    await read();
    const [name = ""] = await readdir(memory);
    const file = path.join(memory, name);
    const [stamp] = (await import("node:fs")).readFileSync(file, "utf8").split(" ");
    await writeFile(file, `${stamp ?? ""} remembered`);
    expect((await read()).digest).toBe("remembered");
    await write("src/a.js", "other");
    expect((await read()).digest).not.toBe("remembered");
  });
});

test("a Dockerfile or context that is not there is named, with the setting", async () => {
  expect(await errorOf(read({ dockerfile: path.join(dir, "none") }))).toMatchObject({
    code: "E_CONFIG",
    message: `[image] dockerfile: there is no ${path.join(dir, "none")}`,
  });
  expect(await errorOf(read({ context: path.join(dir, "none") }))).toMatchObject({
    code: "E_CONFIG",
    message: `[image] context: there is no ${path.join(dir, "none")}`,
  });
});
