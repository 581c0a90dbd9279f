import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { packNpm } from "../../../../src/adapters/process/pack-npm.js";
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

const pack = (specifier = "@scope/node-linux-x64@1.2.3") =>
  packNpm(specifier, cache, new AbortController().signal);

const PACKING = 'echo "$@" >>"$0.log"; echo tarball >"$4/x-1.2.3.tgz"';

beforeEach(async () => {
  dir = await tempDir();
  cache = path.join(dir, "cache", "npm");
});

afterEach(() => {
  process.env["PATH"] = PATH;
});

test("the user's own npm packs it, and the tarball is answered", async () => {
  await fakeNpm(PACKING);
  expect((await pack()).toString()).toBe("tarball\n");
  const asked = await readFile(path.join(dir, "bin", "npm.log"), "utf8");
  expect(asked).toMatch(/^pack @scope\/node-linux-x64@1\.2\.3 --pack-destination .* --silent\n$/);
});

test("a second time it is there already, and nothing else is left", async () => {
  await fakeNpm(PACKING);
  await pack();
  await fakeNpm("exit 9");
  expect((await pack()).toString()).toBe("tarball\n");
  expect(await readdir(cache)).toHaveLength(1);
});

test("two at once both get it", async () => {
  await fakeNpm(PACKING);
  expect((await Promise.all([pack(), pack()])).map(String)).toEqual(["tarball\n", "tarball\n"]);
  expect(await readdir(cache)).toHaveLength(1);
});

describe("a package that cannot be had", () => {
  test("says why in npm's words, and leaves nothing half-done", async () => {
    await fakeNpm("echo 'npm error code E404' >&2; echo 'npm error 404 Not Found' >&2; exit 1");
    const error = await errorOf(pack("nothing@1"));
    expect(error).toMatchObject({ code: "E_IMAGE_BUILD", message: "npm cannot fetch nothing@1: code E404" });
    expect(error.details["excerpt"]).toContain("404 Not Found");
    expect(await readdir(cache)).toEqual([]);
  });

  test("because npm says nothing and packs nothing", async () => {
    await fakeNpm("exit 0");
    expect((await errorOf(pack())).message).toContain("no reason given");
  });

  test("because there is no npm", async () => {
    process.env["PATH"] = path.join(dir, "empty");
    expect(await errorOf(pack())).toMatchObject({ code: "E_TOOL_MISSING", exitCode: 3 });
  });
});
