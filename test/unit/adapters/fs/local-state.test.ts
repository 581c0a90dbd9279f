import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openLocalState } from "../../../../src/adapters/fs/local-state.js";
import type { LocalState } from "../../../../src/app/ports-local-state.js";
import { isDevkitError } from "../../../../src/base/errors.js";
import { createRepo } from "../../support/repo.js";
import { tempDir } from "../../support/temp.js";

let dir: string;
let worktree: string;
let local: LocalState;

const SAID = {
  ...{ checkId: "docs", message: "read them", verifiedBy: "agent-1", createdAt: "2026-01-01T00:00:00.000Z" },
};

beforeEach(async () => {
  dir = await tempDir();
  worktree = path.join(dir, "worktree");
  await mkdir(worktree);
  local = openLocalState(worktree);
});

const read = (name: string) => readFile(path.join(worktree, ".devkit", name), "utf8");
const put = async (name: string, text: string) => {
  await mkdir(path.join(worktree, ".devkit"), { recursive: true });
  await writeFile(path.join(worktree, ".devkit", name), text);
};

function codeOf(work: () => void): string | undefined {
  try {
    work();
  } catch (error) {
    if (isDevkitError(error)) return error.code;
    throw error;
  }
  return undefined;
}

describe("what is local to a worktree", () => {
  it("is in files of the documented form, and gone when it is taken back", async () => {
    expect([local.head(), local.staged(), local.topic()]).toEqual([undefined, [], undefined]);
    local.setHead("TSK-7");
    local.setTopic("api");
    local.setStaged([SAID]);
    expect(await read("HEAD")).toBe("TSK-7\n");
    expect(await read("current-topic")).toBe("api\n");
    expect(JSON.parse(await read("staged-verifications.json"))).toEqual([
      {
        ...{ check_id: "docs", message: "read them", verified_by: "agent-1" },
        created_at: "2026-01-01T00:00:00.000Z",
      },
    ]);
    expect([local.head(), local.staged(), local.topic()]).toEqual(["TSK-7", [SAID], "api"]);
    local.setHead(undefined);
    local.setTopic(undefined);
    local.setStaged([]);
    local.setStaged([]);
    expect(await readdir(path.join(worktree, ".devkit"))).toEqual([".gitignore"]);
  });

  it("is never shown by git, whatever the repository ignores", async () => {
    const repo = await createRepo();
    openLocalState(repo.root).setHead("TSK-1");
    expect(await repo.git("status", "--porcelain", "-uall")).toBe("");
  });

  it("is not there when it is anything else than it should be", async () => {
    for (const text of ["", "../x", "TSK-1\nTSK-2", "TSK-1\u001b[2J", "x".repeat(1000), "\0"]) {
      await put("HEAD", text);
      await put("current-topic", text);
      expect([local.head(), local.topic()]).toEqual([undefined, undefined]);
    }
    await put("staged-verifications.json", "[".repeat(100_000));
    expect(local.staged()).toEqual([]);
    const entry = { check_id: "a", message: "\u001b[31mred\nline", verified_by: "agent-1" };
    const whole = { ...entry, created_at: SAID.createdAt };
    await put(
      "staged-verifications.json",
      JSON.stringify([whole, entry, { ...whole, check_id: "../x" }, 1, null]),
    );
    expect(local.staged()).toEqual([{ ...SAID, checkId: "a", message: "[31mred line" }]);
    await put("staged-verifications.json", JSON.stringify([{ ...whole, message: "x".repeat(300_000) }]));
    expect(local.staged()).toEqual([]);
  });

  it("is neither read nor written through a link or a pipe", async () => {
    await mkdir(path.join(dir, "victim"));
    await writeFile(path.join(dir, "victim/HEAD"), "TSK-9\n");
    await symlink("../victim", path.join(worktree, ".devkit"));
    expect(local.head()).toBeUndefined();
    expect(
      codeOf(() => {
        local.setHead("TSK-1");
      }),
    ).toBe("E_WORK_IN_THE_WAY");
    local.setHead(undefined);
    expect(await readdir(path.join(dir, "victim"))).toEqual(["HEAD"]);
    expect(await readFile(path.join(dir, "victim/HEAD"), "utf8")).toBe("TSK-9\n");
  });

  it("replaces a link in a file's place, and passes a pipe by", async () => {
    await put("x", "");
    await writeFile(path.join(dir, "victim"), "TSK-9\n");
    await symlink("../../victim", path.join(worktree, ".devkit/HEAD"));
    execFileSync("mkfifo", [path.join(worktree, ".devkit/current-topic")]);
    expect([local.head(), local.topic()]).toEqual([undefined, undefined]);
    local.setHead("TSK-1");
    local.setTopic("api");
    expect([local.head(), local.topic()]).toEqual(["TSK-1", "api"]);
    expect(await readFile(path.join(dir, "victim"), "utf8")).toBe("TSK-9\n");
  });

  it("says so when a directory stands in a file's place", async () => {
    await mkdir(path.join(worktree, ".devkit/HEAD"), { recursive: true });
    expect(
      codeOf(() => {
        local.setHead("TSK-1");
      }),
    ).toBe("E_WORK_IN_THE_WAY");
    expect(
      codeOf(() => {
        local.setHead(undefined);
      }),
    ).toBe("E_WORK_IN_THE_WAY");
    expect(await readdir(path.join(worktree, ".devkit"))).toEqual([".gitignore", "HEAD"]);
  });
});
