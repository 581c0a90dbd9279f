import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { homeCare } from "../../../../src/adapters/fs/home-care.js";
import { cutLogs } from "../../../../src/adapters/fs/home-logs.js";
import type { LogCap } from "../../../../src/domain/identity/home-logs.js";
import type { AgentPaths } from "../../../../src/domain/identity/project.js";
import { tempDir } from "../../support/temp.js";

const KIB = 1024;
let dir: string;
let home: string;
let paths: AgentPaths;

beforeEach(async () => {
  dir = await tempDir();
  home = path.join(dir, "home");
  paths = { home } as AgentPaths;
  mkdirSync(home, { mode: 0o700 });
});

const at = (file: string) => path.join(home, file);
const write = (file: string, content: string | Buffer = "", mode = 0o600) => {
  mkdirSync(path.dirname(at(file)), { recursive: true, mode: 0o700 });
  writeFileSync(at(file), content, { mode });
};
const soon = () => performance.now() + 10_000;
/** As du counts. */
const du = () => Number(execFileSync("du", ["-s", "-B1", home]).toString().split("\t")[0]);

describe("the size of a home", () => {
  test("is what it takes on disk: links as such, several names of one file once, holes as nothing", async () => {
    writeFileSync(path.join(dir, "large"), Buffer.alloc(300 * KIB));
    write("a/file", Buffer.alloc(100 * KIB));
    write("a/sparse");
    truncateSync(at("a/sparse"), 1024 ** 3);
    linkSync(at("a/file"), at("again"));
    symlinkSync(dir, at("up"));
    symlinkSync("/proc", at("proc"));
    write("näme\nof two lines", Buffer.alloc(5000));
    writeFileSync(Buffer.concat([Buffer.from(`${home}/`), Buffer.from([0xff, 0xfe])]), Buffer.alloc(9000));
    expect(await homeCare.measure(paths, soon())).toMatchObject({ bytes: du(), isComplete: true });
    const { entries } = await homeCare.describe(paths, soon());
    expect(entries[0]).toMatchObject({ bytes: expect.any(Number) as number });
    const sizes = entries.map(({ bytes }) => bytes);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(entries.map(({ name }) => name)).toContain("up");
  });

  test("is told beside all else that the agent has, without a look into pipes and through links", async () => {
    const state = path.join(dir, "state");
    const own = (name: string) => path.join(dir, name);
    for (const name of ["worktree", "git", "volumes", "state/caches"])
      mkdirSync(own(name), { recursive: true });
    writeFileSync(own("worktree/file"), Buffer.alloc(100 * KIB));
    execFileSync("mkfifo", [own("worktree/pipe")]);
    symlinkSync("/usr", own("worktree/usr"));
    writeFileSync(own("git/object"), Buffer.alloc(50 * KIB));
    const all = { ...paths, worktree: own("worktree"), git: own("git"), volumes: own("volumes"), state };
    const sizes = await homeCare.measureAll(all, soon());
    const du = (name: string) =>
      Number(
        execFileSync("du", ["-s", "-B1", own(name)])
          .toString()
          .split("\t")[0],
      );
    expect(sizes).toMatchObject({
      worktree: { bytes: du("worktree"), isComplete: true },
      git: { bytes: du("git") },
      volumes: { bytes: du("volumes") },
      caches: { bytes: du("state/caches") },
    });
    rmSync(own("volumes"), { recursive: true });
    expect((await homeCare.measureAll(all, soon())).volumes).toBeUndefined();
  });

  test("is undefined where there is none", async () => {
    rmSync(home, { recursive: true });
    expect(await homeCare.measure(paths, soon())).toBeUndefined();
  });

  test("is the least it can be when there is no time for all", async () => {
    for (let position = 0; position < 1500; position += 1) write(`many/${String(position)}`, "x");
    const { bytes = 0, isComplete } = (await homeCare.measure(paths, performance.now())) ?? {};
    expect([isComplete, bytes > 0, bytes < du()]).toEqual([false, true, true]);
  });

  test("of a tree deeper than any path may be is the least it can be, and asked for at once", async () => {
    // Made in parts that are moved into one another, for the same reason.
    const deep = "d/".repeat(900);
    mkdirSync(at(`0/${deep}`), { recursive: true });
    for (const next of [1, 2, 3]) {
      mkdirSync(at(`${String(next)}/${deep}`), { recursive: true });
      renameSync(at(String(next - 1)), at(`${String(next)}/${deep}${String(next - 1)}`));
    }
    const began = performance.now();
    const size = await homeCare.measure(paths, soon());
    expect(size?.isComplete).toBe(false);
    expect(performance.now() - began).toBeLessThan(2000);
    execFileSync("rm", ["-rf", home]);
  });

  test("does not depend on what happens while it is measured", async () => {
    for (let position = 0; position < 3000; position += 1)
      write(`${String(position % 30)}/${String(position)}`);
    const measuring = homeCare.measure(paths, soon());
    for (let position = 0; position < 30; position += 1) {
      rmSync(at(String(position)), { recursive: true });
      symlinkSync("/usr", at(String(position)));
    }
    const { bytes = 0, isComplete } = (await measuring) ?? {};
    expect(isComplete).toBe(true);
    expect(bytes).toBeLessThan(1024 ** 2);
  });
});

describe("modes in a home", () => {
  const loose = (fix: boolean) => homeCare.findLoose(paths, { fix });
  const modeOf = (file: string) => (statSync(at(file)).mode & 0o777).toString(8);
  const chmod = (file: string, mode: number) => execFileSync("chmod", [mode.toString(8), at(file)]);

  test("that are wider than they should be are found, and closed only when asked", async () => {
    write(".ssh/id_ed25519", "", 0o600);
    write(".ssh/id_ed25519.pub", "", 0o644);
    write(".codex/auth.json", "", 0o600);
    write(".claude/.credentials.json", "", 0o600);
    write(".claude.json", "", 0o600);
    write("notes.txt", "", 0o644);
    expect(await loose(false)).toEqual([]);
    chmod(".", 0o755);
    chmod(".ssh", 0o777);
    chmod(".ssh/id_ed25519", 0o644);
    chmod(".ssh/id_ed25519.pub", 0o666);
    chmod(".codex/auth.json", 0o640);
    chmod(".claude.json", 0o604);
    chmod("notes.txt", 0o666);
    const found = await loose(false);
    expect(found.map((one) => `${one.path} ${one.mode.toString(8)}`)).toEqual([
      ". 755",
      ".claude.json 604",
      ".ssh 777",
      ".ssh/id_ed25519 644",
      ".ssh/id_ed25519.pub 666",
      ".codex/auth.json 640",
    ]);
    expect(modeOf(".ssh")).toBe("777");
    expect((await loose(true)).map(({ trouble }) => trouble)).toEqual(found.map(() => undefined));
    expect(await loose(false)).toEqual([]);
    expect(
      [".", ".ssh", ".ssh/id_ed25519", ".ssh/id_ed25519.pub", ".claude.json", "notes.txt"].map(modeOf),
    ).toEqual(["700", "700", "600", "644", "600", "666"]);
  });

  test("of what an agent put in their place are left alone, wherever it leads", async () => {
    const outside = path.join(dir, "outside");
    mkdirSync(outside, { mode: 0o755 });
    writeFileSync(path.join(outside, "id"), "", { mode: 0o644 });
    symlinkSync(outside, at(".ssh"));
    mkdirSync(at(".codex"), { mode: 0o700 });
    symlinkSync(path.join(outside, "id"), at(".codex/auth.json"));
    mkdirSync(at(".claude"), { mode: 0o700 });
    execFileSync("mkfifo", ["-m", "666", at(".claude/.credentials.json")]);
    write(".claude.json/is/a/directory");
    expect(await loose(true)).toEqual([]);
    expect(statSync(outside).mode & 0o777).toBe(0o755);
    expect(statSync(path.join(outside, "id")).mode & 0o777).toBe(0o644);
  });

  test("that keep out the agent itself are its own business", async () => {
    write(".ssh/id", "", 0o000);
    chmod(".ssh", 0o500);
    expect(await loose(true)).toEqual([]);
    expect(modeOf(".ssh")).toBe("500");
  });
});

describe("logs", () => {
  const caps: LogCap[] = [{ directory: "log", name: /\.log$/, capBytes: 64 * KIB, keepBytes: 8 * KIB }];
  const line = (position: number) => `${String(position).padStart(7)} something happened\n`;
  const lines = (count: number) => Array.from({ length: count }, (_, position) => line(position)).join("");

  test("that are larger than they may be keep their last whole lines, and nothing else is touched", () => {
    const all = lines(4000);
    write("log/tui.log", all);
    write("log/small.log", lines(100));
    write("log/tui.txt", all);
    const cut = cutLogs(home, caps);
    const left = readFileSync(at("log/tui.log"), "utf8");
    expect(cut).toEqual([{ path: "log/tui.log", bytes: all.length, kept: left.length }]);
    expect(all.endsWith(`\n${left}`)).toBe(true);
    expect(left.length).toBeGreaterThan(7 * KIB);
    expect(left.length).toBeLessThanOrEqual(8 * KIB);
    expect(readFileSync(at("log/small.log"), "utf8")).toBe(lines(100));
    expect(readFileSync(at("log/tui.txt"), "utf8")).toBe(all);
    expect(cutLogs(home, caps)).toEqual([]);
  });

  test("that a tool is writing go on in the same file", () => {
    write("log/tui.log", lines(4000));
    const tool = openSync(at("log/tui.log"), "a");
    cutLogs(home, caps);
    const left = readFileSync(at("log/tui.log"), "utf8");
    writeSync(tool, "and on it goes\n");
    expect(readFileSync(at("log/tui.log"), "utf8")).toBe(`${left}and on it goes\n`);
  });

  test("that are a database, a link, a pipe, another name of something, or only look large stay", () => {
    const all = Buffer.from(lines(4000));
    const outside = path.join(dir, "outside.log");
    writeFileSync(outside, all);
    write("log/first.log", all);
    appendFileSync(at("log/first.log"), "x");
    linkSync(at("log/first.log"), at("other"));
    write("log/db.log", Buffer.concat([Buffer.from("SQLite format 3\0"), all]));
    symlinkSync(outside, at("log/link.log"));
    execFileSync("mkfifo", [at("log/pipe.log")]);
    mkdirSync(at("log/directory.log"));
    write("log/hole.log");
    truncateSync(at("log/hole.log"), 1024 ** 3);
    expect(cutLogs(home, caps)).toEqual([]);
    expect(statSync(outside).size).toBe(all.length);
  });

  test("in a directory that is a link are not the home's", () => {
    mkdirSync(path.join(dir, "outside"));
    writeFileSync(path.join(dir, "outside/tui.log"), lines(4000));
    symlinkSync("../outside", at("log"));
    expect(cutLogs(home, caps)).toEqual([]);
    expect(statSync(path.join(dir, "outside/tui.log")).size).toBe(lines(4000).length);
  });
});

describe("what is in a home", () => {
  test("is told without anything secret of it", async () => {
    write(".codex/auth.json", "TOKEN", 0o640);
    write(".codex/sessions/2026/01/02/rollout-2026-01-02T03-04-05-abc.jsonl", "SECRET TEXT");
    write(".codex/sessions/2026/01/03/rollout-2026-01-03T03-04-05-abc.jsonl");
    write(".codex/sessions/2026/01/03/other");
    write(".claude/projects/-workspace/1.jsonl");
    write(".claude/projects/-workspace/2.jsonl");
    mkdirSync(at(".ssh"), { mode: 0o700 });
    const keygen = ["-q", "-t", "ed25519", "-N", "", "-C", "bell\u0007 here", "-f", at(".ssh/id_ed25519")];
    execFileSync("ssh-keygen", keygen);
    const found = await homeCare.describe(paths, soon());
    expect(found).toMatchObject({
      logins: { codex: 0o640, claude: undefined },
      codexSessions: { count: 2, isComplete: true },
      claudeProjects: { count: 1, isComplete: true },
      keys: [{ file: "id_ed25519", type: "ssh-ed25519", mode: 0o600, isPrivate: true, isEncrypted: false }],
    });
    expect(JSON.stringify(found)).not.toMatch(/TOKEN|SECRET|BEGIN|AAAA/);
  });

  test("is nothing where everything is a link to somewhere else", async () => {
    for (const name of [".codex", ".claude", ".ssh"]) symlinkSync("/etc", at(name));
    expect(await homeCare.describe(paths, soon())).toMatchObject({
      keys: [],
      logins: { codex: undefined, claude: undefined },
      codexSessions: { count: 0 },
    });
  });
});
