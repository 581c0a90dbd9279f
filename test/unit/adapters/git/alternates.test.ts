import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { findObjectDirs } from "../../../../src/adapters/git/alternates.js";
import { createRepo, gitIn } from "../../support/repo.js";
import { tempDir } from "../../support/temp.js";

const paths = async (commonDir: string) =>
  (await findObjectDirs(commonDir)).map(({ containerPath }) => containerPath);

/** Object directories by hand: name → lines of its alternates. */
async function layOut(alternates: Record<string, string[]>): Promise<string> {
  const dir = await tempDir();
  for (const [name, lines] of Object.entries(alternates)) {
    const objects = path.join(dir, name, "objects");
    await mkdir(path.join(objects, "info"), { recursive: true });
    const text = lines.map((line) => `${line.replaceAll("DIR", dir)}\n`).join("");
    if (lines.length > 0) await writeFile(path.join(objects, "info/alternates"), text);
  }
  return dir;
}

describe("object directories", () => {
  test("of a plain repository: its own", async () => {
    const repo = await createRepo();
    const objects = path.join(repo.commonDir, "objects");
    expect(await findObjectDirs(repo.commonDir)).toEqual([{ hostPath: objects, containerPath: objects }]);
  });

  test("of a clone that borrows from one that borrows: all three", async () => {
    const repo = await createRepo();
    const dir = path.dirname(repo.root);
    await gitIn(dir, "clone", "-q", "--shared", repo.root, "second");
    await gitIn(dir, "clone", "-q", "--shared", "second", "third");
    expect(await paths(path.join(dir, "third/.git"))).toEqual([
      path.join(dir, "third/.git/objects"),
      path.join(dir, "second/.git/objects"),
      path.join(repo.commonDir, "objects"),
    ]);
  });

  test("of a borrower whose lender has a name that git writes in quotes", async () => {
    const repo = await createRepo({ at: 'de"mo' });
    const dir = path.dirname(repo.root);
    await gitIn(dir, "clone", "-q", "--shared", repo.root, "borrower");
    expect(await paths(path.join(dir, "borrower/.git"))).toContain(path.join(repo.commonDir, "objects"));
  });

  test.each([
    ["a tab and a backslash", "a\tb\\c"],
    ["a quote first", '"quoted"'],
  ])("of a lender with %s in its path", async (_, name) => {
    const dir = await layOut({ [name]: [], own: [] });
    const quoted = path.join(dir, name, "objects").replaceAll(/["\\]/g, "\\$&").replaceAll("\t", "\\t");
    await writeFile(path.join(dir, "own/objects/info/alternates"), `"${quoted}"\n`);
    expect(await paths(path.join(dir, "own"))).toEqual([
      path.join(dir, "own/objects"),
      path.join(dir, name, "objects"),
    ]);
  });

  test("through a link: git looks at the link's place, the files are elsewhere", async () => {
    const dir = await layOut({ real: [], own: ["DIR/link/objects"] });
    await symlink(path.join(dir, "real"), path.join(dir, "link"));
    expect((await findObjectDirs(path.join(dir, "own")))[1]).toEqual({
      hostPath: path.join(dir, "real/objects"),
      containerPath: path.join(dir, "link/objects"),
    });
  });

  test("by a path that is relative to the borrower's", async () => {
    const dir = await layOut({ lender: [], own: ["../../lender/objects"] });
    expect(await paths(path.join(dir, "own"))).toContain(path.join(dir, "lender/objects"));
  });

  test("comments, empty lines and lenders that are gone are skipped", async () => {
    const dir = await layOut({
      lender: [],
      own: ["# a comment", "", "DIR/gone/objects", "DIR/lender/objects"],
    });
    expect(await paths(path.join(dir, "own"))).toEqual([
      path.join(dir, "own/objects"),
      path.join(dir, "lender/objects"),
    ]);
  });

  test("that borrow from one another end somewhere", async () => {
    const dir = await layOut({ one: ["DIR/two/objects"], two: ["DIR/one/objects", "DIR/two/objects"] });
    expect(await paths(path.join(dir, "one"))).toEqual([
      path.join(dir, "one/objects"),
      path.join(dir, "two/objects"),
    ]);
  });
});
