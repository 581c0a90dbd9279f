import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { copyMissing, findPlaces } from "../../../../src/adapters/fs/copy-missing.js";
import { tempDir } from "../../support/temp.js";

let from = "";
let to = "";

beforeEach(async () => {
  const dir = await tempDir();
  [from, to] = [path.join(dir, "from"), path.join(dir, "to")];
  await mkdir(from);
  await mkdir(to);
});

async function write(root: string, file: string, text = file): Promise<void> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
}

const read = (file: string) => readFile(path.join(to, file), "utf8");

describe("copying what is missing", () => {
  test("keeps content, modes, times and links, and leaves nothing aside", async () => {
    await write(from, "a/b/run.sh");
    await chmod(path.join(from, "a/b/run.sh"), 0o750);
    await chmod(path.join(from, "a/b"), 0o700);
    await symlink("/nowhere/outside", path.join(from, "a/link"));
    expect(await copyMissing(from, to, ["a/b/run.sh", "a/link"])).toEqual([]);
    expect(await read("a/b/run.sh")).toBe("a/b/run.sh");
    expect((await lstat(path.join(to, "a/b/run.sh"))).mode & 0o777).toBe(0o750);
    expect((await lstat(path.join(to, "a/b"))).mode & 0o777).toBe(0o700);
    expect((await lstat(path.join(to, "a/b/run.sh"))).mtimeMs).toBeCloseTo(
      (await lstat(path.join(from, "a/b/run.sh"))).mtimeMs,
      -1,
    );
    expect(await readlink(path.join(to, "a/link"))).toBe("/nowhere/outside");
    expect(await readdir(path.dirname(to))).toEqual(["from", "to"]);
  });

  test("never replaces a file, and adds to a directory that is there", async () => {
    for (const file of ["dir/mine", "dir/new"]) await write(from, file, "theirs");
    await write(to, "dir/mine", "mine");
    await copyMissing(from, to, ["dir/mine", "dir/new"]);
    expect([await read("dir/mine"), await read("dir/new")]).toEqual(["mine", "theirs"]);
  });

  test("goes on after a run that was killed, and sweeps what that one staged", async () => {
    for (const file of ["one/x", "two/y"]) await write(from, file);
    await write(path.dirname(to), ".copying-to/next/half", "ha");
    await write(to, "one/x", "one/x");
    await copyMissing(from, to, ["one/x", "two/y"]);
    expect(await read("two/y")).toBe("two/y");
    expect(await readdir(path.dirname(to))).toEqual(["from", "to"]);
  });

  test("does not go through a link that is in the place of a directory", async () => {
    await write(from, "out/x");
    await symlink(path.dirname(to), path.join(to, "out"));
    expect(await findPlaces(to, ["out/x"])).toEqual({ free: [], blocked: ["out/x"] });
    await copyMissing(from, to, ["out/x"]);
    expect(await readdir(path.dirname(to))).toEqual(["from", "to"]);
  });

  test("takes a directory as a whole, empty ones included", async () => {
    await mkdir(path.join(from, "repo/.git/refs"), { recursive: true });
    await write(from, "repo/.git/HEAD", "x");
    await copyMissing(from, to, ["repo/"]);
    expect(await readdir(path.join(to, "repo/.git"))).toEqual(["HEAD", "refs"]);
  });

  test("holes stay holes, and bytes that are no UTF-8 stay in names", async () => {
    await write(from, "big", "");
    await truncate(path.join(from, "big"), 64 * 1024 * 1024);
    await writeFile(Buffer.concat([Buffer.from(`${from}/`), Buffer.from([0xff])]), "odd");
    await copyMissing(from, to, ["big", "\xff"]);
    const { size, blocks } = await lstat(path.join(to, "big"));
    expect(size).toBe(64 * 1024 * 1024);
    expect(blocks * 512).toBeLessThan(1024 * 1024);
    expect(await readFile(Buffer.concat([Buffer.from(`${to}/`), Buffer.from([0xff])]), "utf8")).toBe("odd");
  });

  test("what is gone since it was listed is no failure", async () => {
    expect(await copyMissing(from, to, ["gone"])).toEqual([]);
    expect(await readdir(to)).toEqual([]);
  });
});
