import { execFileSync } from "node:child_process";
import { mkdir, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { readAgentRefs } from "../../../../src/adapters/fs/read-refs.js";
import { tempDir } from "../../support/temp.js";
import { oid } from "../../support/things.js";

let git: string;

async function put(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(git, file)), { recursive: true });
  await writeFile(path.join(git, file), text);
}

const refused = () =>
  readAgentRefs(git)
    ?.refused.map(({ ref }) => ref)
    .sort();

const heads = () => {
  const refs = readAgentRefs(git);
  return refs && Object.fromEntries([...refs.heads].sort(([a], [b]) => (a < b ? -1 : 1)));
};

beforeEach(async () => {
  git = path.join(await tempDir(), "git");
  await put("HEAD", "ref: refs/heads/main\n");
  await put("refs/heads/main", `${oid("1")}\n`);
});

describe("an honest git dir", () => {
  test("HEAD and branches, loose and packed, the loose ones newer", async () => {
    await put("packed-refs", `# pack-refs\n${oid("9")} refs/heads/main\n${oid("2")} refs/heads/old\n`);
    await put("refs/heads/feature/a/b", `${oid("3")}\n`);
    expect(readAgentRefs(git)?.head).toEqual({ kind: "branch", ref: "refs/heads/main" });
    expect(heads()).toEqual({
      "refs/heads/feature/a/b": oid("3"),
      "refs/heads/main": oid("1"),
      "refs/heads/old": oid("2"),
    });
  });

  test("what git itself writes, before and after it packs", async () => {
    const work = await tempDir();
    const env = { PATH: process.env["PATH"], HOME: work, GIT_CONFIG_NOSYSTEM: "1" };
    const run = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=x", "-c", "user.email=x@y", ...args], {
        cwd: work,
        env,
        encoding: "utf8",
      });
    run("init", "-q", "-b", "main");
    run("commit", "-q", "--allow-empty", "-m", "x");
    run("branch", "agent/agent-1/idle");
    run("branch", "größe/日本");
    const commit = run("rev-parse", "HEAD").trim();
    git = path.join(work, ".git");
    const expected = {
      "refs/heads/agent/agent-1/idle": commit,
      "refs/heads/größe/日本": commit,
      "refs/heads/main": commit,
    };
    expect(heads()).toEqual(expected);
    run("pack-refs", "--all");
    expect(heads()).toEqual(expected);
    run("checkout", "-q", "--detach");
    expect(readAgentRefs(git)?.head).toEqual({ kind: "detached", oid: commit });
  });

  test("one without any branch", async () => {
    await rm(path.join(git, "refs"), { recursive: true });
    expect(heads()).toEqual({});
  });
});

describe("a HEAD that is none: nothing can be said", () => {
  test.each([
    ["missing", () => rm(path.join(git, "HEAD"))],
    ["empty", () => put("HEAD", "")],
    ["too large", () => put("HEAD", `ref: refs/heads/main${"\n".repeat(2000)}`)],
    ["a path", () => put("HEAD", "ref: refs/heads/../../../etc/passwd\n")],
    [
      "a link",
      async () => {
        await rename(path.join(git, "HEAD"), path.join(git, "real"));
        await symlink("real", path.join(git, "HEAD"));
      },
    ],
    [
      "a directory",
      async () => {
        await rm(path.join(git, "HEAD"));
        await mkdir(path.join(git, "HEAD"));
      },
    ],
  ])("%s", async (_, spoil) => {
    await spoil();
    expect(readAgentRefs(git)).toBeUndefined();
  });

  test("no git dir at all", () => {
    expect(readAgentRefs(path.join(git, "none"))).toBeUndefined();
  });
});

describe("what an agent may have planted is skipped, and the rest is read", () => {
  const others = { "refs/heads/main": oid("1") };

  test("a ref that is a link, a pipe, huge, or no id", async () => {
    const refs = path.join(git, "refs/heads");
    await put("elsewhere", `${oid("7")}\n`);
    await symlink(path.join(git, "elsewhere"), path.join(refs, "link"));
    execFileSync("mkfifo", [path.join(refs, "pipe")]);
    await put("refs/heads/huge", "");
    await truncate(path.join(refs, "huge"), 1024 ** 4);
    await put("refs/heads/symbolic", "ref: refs/heads/main\n");
    await put("refs/heads/words", "not an id\n");
    expect(heads()).toEqual(others);
    expect(refused()).toEqual(["huge", "link", "pipe", "words"].map((name) => `refs/heads/${name}`));
  });

  test("names that are none", async () => {
    for (const name of [".hidden", "a.lock", "a b", "a\nb", "a\u001b[31m", "a..b", ".keep-dir"]) {
      await put(`refs/heads/${name}`, `${oid("7")}\n`);
    }
    expect(heads()).toEqual(others);
    const shown = ["a b", "a..b", "a·[31m", "a·b"];
    expect(refused()).toEqual(shown.map((name) => `refs/heads/${name}`));
  });

  test("names whose bytes are not UTF-8, loose and packed", async () => {
    await writeFile(
      Buffer.concat([Buffer.from(`${git}/refs/heads/a`), Buffer.from([0xff])]),
      `${oid("7")}\n`,
    );
    const line = Buffer.concat([Buffer.from(`${oid("7")} refs/heads/b`), Buffer.from([0xfe, 0x0a])]);
    await writeFile(path.join(git, "packed-refs"), line);
    expect(heads()).toEqual(others);
    expect(refused()).toEqual(["refs/heads/a\ufffd", "refs/heads/b\ufffd"]);
  });

  test("packed refs of more than 16 MB are named, not left out in silence", async () => {
    await put("packed-refs", `${oid("7")} refs/heads/x\n`);
    await truncate(path.join(git, "packed-refs"), 17 * 1024 * 1024);
    expect(heads()).toEqual(others);
    expect(refused()).toEqual(["packed-refs"]);
  });

  test("a directory that is a link to somewhere on the host", async () => {
    const outside = await tempDir();
    await writeFile(path.join(outside, "stolen"), `${oid("7")}\n`);
    await symlink(outside, path.join(git, "refs/heads/linked"));
    expect(heads()).toEqual(others);
  });

  test.each(["refs/heads", "refs"])("%s itself being a link to somewhere on the host", async (place) => {
    const outside = await tempDir();
    await mkdir(path.join(outside, "heads"));
    await writeFile(path.join(outside, "stolen"), `${oid("7")}\n`);
    await writeFile(path.join(outside, "heads", "stolen"), `${oid("7")}\n`);
    await rm(path.join(git, place), { recursive: true });
    await symlink(outside, path.join(git, place));
    expect(heads()).toEqual({});
  });

  test("a packed file that is a link", async () => {
    await put("real-packed", `${oid("7")} refs/heads/stolen\n`);
    await symlink("real-packed", path.join(git, "packed-refs"));
    expect(heads()).toEqual(others);
  });

  test("directories without end", async () => {
    await put(`refs/heads/${"d/".repeat(40)}x`, `${oid("7")}\n`);
    expect(heads()).toEqual(others);
  });

  test("more packed branches than are taken: its own loose ones are still read", async () => {
    const lines = Array.from({ length: 5_050 }, (_, number) => `${oid("2")} refs/heads/b${String(number)}\n`);
    await put("packed-refs", lines.join(""));
    const found = heads();
    expect(Object.keys(found ?? {}).length).toBeLessThanOrEqual(5_000);
    expect(found?.["refs/heads/main"]).toBe(oid("1"));
  });
});
