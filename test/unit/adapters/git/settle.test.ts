import { lstat, mkdir, readFile, readdir, readlink, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { bytesPath } from "../../../../src/adapters/git/file-states.js";
import { settleFastForward } from "../../../../src/adapters/git/settle.js";
import type { MergeJournal } from "../../../../src/domain/custody/merge.js";
import { showPath } from "../../../../src/domain/custody/raw-path.js";
import { createRepo, gitIn, type Repo } from "../../support/repo.js";
import { createRandom } from "../../support/random.js";
import { tempDir } from "../../support/temp.js";

type Content = string | { readonly link: string } | { readonly script: string } | undefined;

const LONG = "line\n".repeat(50);
const latin = Buffer.from([0x66, 0xe9]).toString("latin1");

/** Every kind of change, by raw path: before and after. */
const FILES: Readonly<Record<string, readonly [Content, Content]>> = {
  modified: ["old\n", LONG],
  added: [undefined, LONG],
  "deep/er/added": [undefined, "new\n"],
  deleted: ["old\n", undefined],
  "gone/deleted": ["old\n", undefined],
  script: ["same\n", { script: "same\n" }],
  link: [{ link: "old" }, { link: "new" }],
  "becomes-link": ["old\n", { link: "new" }],
  "new\nline": ["old\n", "new\n"],
  [latin]: ["old\n", "new\n"],
  'quo"te': [undefined, "new\n"],
  unchanged: ["same\n", "same\n"],
};
const CHANGED = Object.keys(FILES).filter((file) => file !== "unchanged");

let repo: Repo;
let journal: MergeJournal;

beforeEach(async () => {
  repo = await createRepo({ files: {} });
  for (const file of Object.keys(FILES)) await put(file, 0);
  const from = await repo.commit("from");
  const other = path.join(await tempDir(), "other");
  await repo.git("worktree", "add", "-q", "--detach", other);
  for (const file of Object.keys(FILES)) await put(file, 1, other);
  await gitIn(other, "add", "-A");
  await gitIn(other, "commit", "-q", "-m", "to");
  const to = await gitIn(other, "rev-parse", "HEAD");
  await repo.git("worktree", "remove", "--force", other);
  journal = { agent: "agent-1", ref: "refs/heads/main", worktree: repo.root, from, to };
});

/** Writes a file as it is before or after. */
async function put(file: string, end: 0 | 1, root = repo.root): Promise<void> {
  const content = FILES[file]?.[end];
  const place = bytesPath(root, file);
  await rm(place, { force: true });
  if (content === undefined) return;
  await mkdir(bytesPath(root, path.posix.dirname(file)), { recursive: true });
  if (typeof content === "string") await writeFile(place, content);
  else if ("link" in content) await symlink(content.link, place);
  else await writeFile(place, content.script, { mode: 0o755 });
}

async function contentOf(file: string): Promise<Content> {
  const place = bytesPath(repo.root, file);
  const info = await lstat(place).catch(() => undefined);
  if (info === undefined) return undefined;
  if (info.isSymbolicLink()) return { link: await readlink(place) };
  const text = await readFile(place, "utf8");
  return (info.mode & 0o100) === 0 ? text : { script: text };
}

async function expectAt(end: 0 | 1, except: readonly string[] = []): Promise<void> {
  const [ref, want] = [await repo.git("rev-parse", "main"), end === 0 ? journal.from : journal.to];
  expect(ref).toBe(want);
  for (const file of Object.keys(FILES).filter((name) => !except.includes(name))) {
    expect([showPath(file), await contentOf(file)]).toEqual([showPath(file), FILES[file]?.[end]]);
  }
  if (except.length === 0) expect(await repo.git("status", "--porcelain", "--ignored")).toBe("");
  expect((await readdir(repo.commonDir)).filter((name) => name.endsWith(".lock"))).toEqual([]);
}

const finish = () => settleFastForward(journal, "finish");
const undo = () => settleFastForward(journal, "undo");
const lock = (file: string) => writeFile(path.join(repo.commonDir, file), "cut off");

describe("a fast-forward that was cut off", () => {
  test("before the first file: nothing has happened, and its lock goes", async () => {
    await lock("index.lock");
    expect(await finish()).toEqual({ outcome: "untouched", left: [] });
    await expectAt(0);
  });

  test.each(CHANGED.map((file, count) => [count + 1, showPath(file)] as const))(
    "after %i files (%s): is finished, or undone",
    async (count) => {
      for (const [settle, outcome, end] of [
        [undo, "undone", 0],
        [finish, "finished", 1],
      ] as const) {
        for (const file of CHANGED.slice(0, count)) await put(file, 1);
        await lock("index.lock");
        await lock("HEAD.lock");
        expect(await settle()).toEqual({ outcome, left: [] });
        await expectAt(end);
      }
    },
  );

  test("in the middle of a file, or between removing the old and making the new one", async () => {
    for (const [settle, end] of [
      [undo, 0],
      [finish, 1],
    ] as const) {
      await put("script", 1);
      await writeFile(path.join(repo.root, "modified"), LONG.slice(0, 60));
      await writeFile(path.join(repo.root, "added"), "");
      await rm(path.join(repo.root, "link"));
      expect((await settle()).left).toEqual([]);
      await expectAt(end);
    }
  });

  test("after the index, before the branch", async () => {
    for (const [settle, end] of [
      [undo, 0],
      [finish, 1],
    ] as const) {
      await repo.git("read-tree", "-m", "-u", journal.from, journal.to);
      await lock("refs/heads/main.lock");
      expect((await settle()).left).toEqual([]);
      await expectAt(end);
      await expect(lstat(path.join(repo.commonDir, "refs/heads/main.lock"))).rejects.toThrow("ENOENT");
    }
  });

  test("after the branch: it is whole already, and what came since stays", async () => {
    await repo.git("merge", "-q", "--ff-only", journal.to);
    await repo.write("modified", "mine\n");
    expect(await finish()).toEqual({ outcome: "finished", left: [] });
    expect(await contentOf("modified")).toBe("mine\n");
  });

  test("at any moment, from a packed branch too, twice over", { timeout: 60_000 }, async () => {
    const random = createRandom(7);
    for (let round = 0; round < 12; round += 1) {
      const isUndone = random.chance(0.5);
      for (const file of CHANGED) if (random.chance(0.5)) await put(file, 1);
      if (random.chance(0.5)) await repo.git("pack-refs", "--all");
      const settle = isUndone ? undo : finish;
      await settle();
      const { outcome } = await settle();
      expect(outcome).toBe(isUndone ? "untouched" : "finished");
      await expectAt(isUndone ? 0 : 1);
      if (!isUndone) await repo.git("reset", "-q", "--hard", journal.from);
    }
  });
});

describe("what somebody else wrote meanwhile", () => {
  test.each(["modified", "added", "deleted", "link", "new\nline", latin])(
    "%j is left as it is and named, whether finished or undone",
    async (file) => {
      for (const settle of [undo, finish]) {
        await put("script", 1);
        await mkdir(bytesPath(repo.root, path.posix.dirname(file)), { recursive: true });
        await rm(bytesPath(repo.root, file), { force: true });
        await writeFile(bytesPath(repo.root, file), "mine\n");
        const { left } = await settle();
        expect(left).toEqual([file]);
        expect(await contentOf(file)).toBe("mine\n");
        await expectAt(settle === undo ? 0 : 1, [file]);
      }
    },
  );

  test("files beside it and staged changes elsewhere stay", async () => {
    await put("modified", 1);
    await repo.write("deep/er/mine", "mine\n");
    await repo.write("unchanged", "staged\n");
    await repo.git("add", "unchanged");
    expect(await undo()).toEqual({ outcome: "undone", left: [] });
    await put("modified", 1);
    expect(await finish()).toEqual({ outcome: "finished", left: [] });
    expect([await contentOf("deep/er/mine"), await contentOf("unchanged")]).toEqual(["mine\n", "staged\n"]);
    expect(await repo.git("status", "--porcelain", "-uall")).toBe("M  unchanged\n?? deep/er/mine");
  });

  test("a branch that has moved since, or is not checked out any more: nothing is touched", async () => {
    await put("modified", 1);
    await repo.git("commit", "-q", "--allow-empty", "-m", "own");
    expect(await finish()).toEqual({ outcome: "moved", left: ["modified"] });
    expect(await contentOf("modified")).toBe(LONG);
    await repo.git("reset", "-q", "--soft", journal.from);
    await repo.git("switch", "-q", "-c", "other");
    expect(await finish()).toMatchObject({ outcome: "moved" });
    expect(await settleFastForward({ ...journal, worktree: "/no/such" }, "finish")).toMatchObject({
      outcome: "moved",
    });
  });
});

test("a file and a directory that change places are settled either way", async () => {
  await repo.write("a", "file\n");
  await repo.write("b/x", "file\n");
  const from = await repo.commit("from");
  await repo.git("rm", "-q", "-r", "a", "b");
  await repo.write("a/x", "new\n");
  await repo.write("b", "new\n");
  const to = await repo.commit("to");
  await repo.git("reset", "-q", "--hard", from);
  journal = { ...journal, from, to };
  for (const end of [0, 1] as const) {
    await rm(path.join(repo.root, "a"));
    await repo.write("a/x", "new\n");
    expect(await (end === 0 ? undo : finish)()).toMatchObject({ left: [] });
    expect(await repo.git("rev-parse", "main")).toBe(end === 0 ? from : to);
    expect(await repo.git("status", "--porcelain")).toBe("");
  }
});

test("line ends that git converts count as git sees them", async () => {
  await repo.write(".gitattributes", "crlf text eol=crlf\n");
  await repo.write("crlf", "old\r\n");
  const from = await repo.commit("from");
  await repo.write("crlf", "new\r\nmore\r\n");
  const to = await repo.commit("to");
  await repo.git("reset", "-q", "--hard", from);
  journal = { ...journal, from, to };
  await repo.write("crlf", "new\r\nmore\r\n");
  expect(await undo()).toEqual({ outcome: "undone", left: [] });
  expect(await readFile(path.join(repo.root, "crlf"), "utf8")).toBe("old\r\n");
  await repo.write("crlf", "new\r\nmore\r\n");
  expect(await finish()).toEqual({ outcome: "finished", left: [] });
  expect(await repo.git("status", "--porcelain")).toBe("");
});
