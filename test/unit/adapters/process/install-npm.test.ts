import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installNpm } from "../../../../src/adapters/process/install-npm.js";
import { errorOf, tempDir } from "../../support/temp.js";

const PATH = process.env["PATH"] ?? "";
let dir: string;
let cache: string;

/** Puts an npm of our own before the real one: no test asks a registry. */
async function fakeNpm(script: string): Promise<void> {
  const bin = path.join(dir, "bin");
  await mkdir(bin, { recursive: true });
  await writeFile(path.join(bin, "npm"), `#!/bin/sh\n${script}\n`);
  await chmod(path.join(bin, "npm"), 0o755);
  process.env["PATH"] = `${bin}:${PATH}`;
}

const install = (packages = ["@s/tool@1.2.3", "other@2.0.0"], cpu = "arm64") =>
  installNpm({ packages, cpu }, cache, new AbortController().signal);

const INSTALLING =
  'echo "$@" >>"$0.log"; mkdir node_modules; echo "https://me:secret@mirror" >node_modules/.package-lock.json; echo x >node_modules/x';

beforeEach(async () => {
  dir = await tempDir();
  cache = path.join(dir, "cache");
});

afterEach(() => {
  process.env["PATH"] = PATH;
});

test("the user's own npm installs for the image's platform, and runs no script here", async () => {
  await fakeNpm(INSTALLING);
  const tree = await install();
  const asked = await readFile(path.join(dir, "bin", "npm.log"), "utf8");
  expect(asked).toContain("--os=linux --cpu=arm64 --libc=glibc");
  expect(asked).toContain("--ignore-scripts=true");
  expect(asked).toMatch(/ @s\/tool@1\.2\.3 other@2\.0\.0\n$/);
  // What says where the packages came from, perhaps with a password, stays out of the image.
  expect((await readdir(path.join(tree, "node_modules"))).sort()).toEqual(["x"]);
  expect(JSON.parse(await readFile(path.join(tree, "package.json"), "utf8"))).toEqual({
    private: true,
    allowScripts: { "@s/tool": true, other: true },
  });
});

test("the same packages are not fetched again; others, or for another processor, are", async () => {
  await fakeNpm(INSTALLING);
  const first = await install();
  await fakeNpm("exit 9");
  expect(await install(["other@2.0.0", "@s/tool@1.2.3"])).toBe(first);
  expect(await errorOf(install(undefined, "x64"))).toMatchObject({ code: "E_IMAGE_BUILD" });
  expect(await errorOf(install(["other@2.0.1"]))).toMatchObject({ code: "E_IMAGE_BUILD" });
  expect(await readdir(cache)).toHaveLength(1);
});

test("two at once both get it", async () => {
  await fakeNpm(INSTALLING);
  const [one, two] = await Promise.all([install(), install()]);
  expect(one).toBe(two);
  expect(await readdir(cache)).toHaveLength(1);
});

test("what cannot be had says why in npm's words, and leaves nothing half-done", async () => {
  await fakeNpm("mkdir node_modules; echo 'npm error 404 Not Found' >&2; exit 1");
  const error = await errorOf(install());
  expect(error.message).toBe("npm cannot fetch @s/tool@1.2.3, other@2.0.0: 404 Not Found");
  expect(error.hint).toBe("try it by hand: npm view @s/tool@1.2.3; or take it out of [image] npm");
  expect(await readdir(cache)).toEqual([]);
});

test("without npm it says so", async () => {
  process.env["PATH"] = path.join(dir, "empty");
  expect(await errorOf(install())).toMatchObject({ code: "E_TOOL_MISSING", exitCode: 3 });
});

test("a dependency from git runs nothing here, whatever its own npm settings say", async () => {
  process.env["npm_config_cache"] = path.join(dir, "npm");
  const [evil, proof] = [path.join(dir, "evil"), path.join(dir, "proof")];
  await mkdir(evil);
  await writeFile(path.join(dir, "git"), `#!/bin/sh\ntouch "${proof}"\nexit 1\n`, { mode: 0o755 });
  const url = `git+file://${evil}`;
  const manifest = { name: "evil", version: "1.0.0", scripts: { prepare: "true" }, dependencies: { x: url } };
  await writeFile(path.join(evil, "package.json"), JSON.stringify(manifest));
  await writeFile(path.join(evil, ".npmrc"), `git=${path.join(dir, "git")}\n`);
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    [...who, "commit", "-qm", "a"],
  ])
    await execa("git", args, { cwd: evil });
  await mkdir(path.join(dir, "package"));
  const top = { name: "top", version: "1.0.0", dependencies: { evil: url } };
  await writeFile(path.join(dir, "package/package.json"), JSON.stringify(top));
  await execa("tar", ["czf", "top.tgz", "package"], { cwd: dir });
  try {
    const error = await errorOf(install([`top@file:${path.join(dir, "top.tgz")}`]));
    expect(error).toMatchObject({ code: "E_IMAGE_BUILD" });
    expect((await readdir(dir)).filter((name) => name === "proof")).toEqual([]);
  } finally {
    delete process.env["npm_config_cache"];
  }
}, 30_000);
