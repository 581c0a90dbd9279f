import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createHost } from "../../../../src/adapters/fs/host.js";
import type { Host } from "../../../../src/app/ports.js";
import { createFakeProgress } from "../../fakes/progress.js";
import { errorOf, tempDir } from "../../support/temp.js";

let dir: string;
let host: Host;

beforeEach(async () => {
  dir = await tempDir();
  host = createHost({
    dockerDir: path.join(dir, "docker"),
    cacheDir: path.join(dir, "cache"),
    version: "1.2.3",
    isOffline: false,
    progress: createFakeProgress(),
    signal: new AbortController().signal,
  });
});

describe("the image's files", () => {
  test("are the Dockerfile, all in the directory of its name and what images share, with their paths and texts", async () => {
    await mkdir(path.join(dir, "docker/agent/build/deep"), { recursive: true });
    for (const folder of ["other", "shared"]) await mkdir(path.join(dir, "docker", folder));
    const files = {
      "agent.Dockerfile": "FROM x",
      "agent/bashrc": "PS1",
      "agent/build/deep/run": "#!",
      "shared/tool": "#!",
      "other/file": "not this",
      "other.Dockerfile": "nor this",
    };
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(dir, "docker", file), text);
    expect([...(await host.imageFiles("agent.Dockerfile"))]).toEqual([
      ["agent.Dockerfile", "FROM x"],
      ["agent/bashrc", "PS1"],
      ["agent/build/deep/run", "#!"],
      ["shared/tool", "#!"],
    ]);
  });

  test("of a package that is not whole are an error that names the place", async () => {
    const error = await errorOf(host.imageFiles("agent.Dockerfile"));
    expect(error.code).toBe("E_FILE");
    expect(error.message).toContain(path.join(dir, "docker"));
  });
});

describe("free space", () => {
  test("is that of the nearest directory there is", async () => {
    const free = await host.freeBytes(dir);
    expect(free).toBeGreaterThan(0);
    const deeper = await host.freeBytes(path.join(dir, "not", "yet", "there"));
    expect(Math.abs(deeper - free)).toBeLessThan(1024 ** 3);
    expect(await host.diskBytes(path.join(dir, "not"))).toBeGreaterThanOrEqual(free);
  });
});

test("it is known how much memory programs can still have", async () => {
  expect(await host.availableMemory()).toBeGreaterThan(1024 ** 2);
});

test("a path is gone only when nothing is there, not when it cannot be looked at", async () => {
  await writeFile(path.join(dir, "file"), "");
  await symlink("loop", path.join(dir, "loop"));
  expect(await host.isGone(path.join(dir, "file"))).toBe(false);
  expect(await host.isGone(path.join(dir, "loop", "below"))).toBe(false);
  expect(await host.isGone(path.join(dir, "none"))).toBe(true);
  expect(await host.isGone(path.join(dir, "none", "below"))).toBe(true);
});

test("it is the calling user's", () => {
  expect(host.user).toEqual({ uid: process.getuid?.(), gid: process.getgid?.() });
  expect(host.version).toBe("1.2.3");
});
