import { chmod, mkdir, rename, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { beforeEach, describe, expect, test } from "vitest";
import type { AgentExtras } from "../../../../src/app/mounts/create-extras.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { createMountStand, type AskedExtras, type MountStand } from "../../support/mount-stand.js";
import { errorOf } from "../../support/temp.js";

const AGENT = agentAt(1);

let stand: MountStand;

beforeEach(async () => {
  stand = await createMountStand();
});

const at = (...parts: string[]) => stand.at(...parts);
const paths = (index?: number) => stand.paths(index);
const extrasOf = (asked: AskedExtras) => stand.extrasOf(asked);
const mounts = (...texts: string[]) => extrasOf({ mounts: texts });

const flat = (extras: AgentExtras, index = 1) =>
  extras.of(agentAt(index)).mounts.map(({ hostPath, containerPath, readOnly }) => {
    const from = hostPath.replace(paths(index).state, "STATE").replace(at(), "DIR");
    return `${from}:${containerPath.replace(at(), "DIR")}${readOnly ? ":ro" : ""}`;
  });

describe("volumes", () => {
  test("are each agent's own, and in the worktree wherever that is", async () => {
    const extras = await extrasOf({ agents: 2, mounts: ["m:/workspace/node_modules", "m:/var/cache/m:ro"] });
    for (const index of [1, 2]) {
      expect(flat(extras, index)).toEqual([
        "STATE/volumes/m:/workspace/node_modules",
        "STATE/volumes/m:/var/cache/m:ro",
        `STATE/volumes/m:DIR/demo/.devkit/agents/agent-${String(index)}/node_modules`,
      ]);
    }
  });

  test("are made closed to others, with what they are mounted over", async () => {
    const extras = await mounts(
      "m:/workspace/web/node_modules",
      "h:/home/agent/.m2",
      "b:/workspace/web/node_modules/.bin",
    );
    await extras.prepare(AGENT);
    const { volumes, worktree, home } = paths();
    for (const one of [volumes, path.join(volumes, "m")]) expect((await stat(one)).mode & 0o777).toBe(0o700);
    for (const one of [`${worktree}/web/node_modules`, `${home}/.m2`, `${volumes}/m/.bin`])
      expect((await stat(one)).isDirectory()).toBe(true);
    await chmod(path.join(volumes, "m"), 0o755);
    await extras.prepare(AGENT);
  });
});

describe("right before a start", () => {
  test("a mount point that the agent has turned into a link is not followed", async () => {
    const extras = await mounts("m:/workspace/a/node_modules", `${at("data")}:/workspace/b/data`);
    const { worktree } = paths();
    await mkdir(path.join(worktree, "a"));
    for (const [from, to] of [
      ["a/node_modules", at("notes")],
      ["b", at("notes")],
    ] as const) {
      await extras.prepare(AGENT).catch(() => undefined);
      const file = path.join(worktree, from);
      await rename(file, `${file}.old`).catch(() => undefined);
      await symlink(to, file);
      const error = await errorOf(extras.prepare(AGENT));
      expect(error).toMatchObject({ code: "E_WORK_IN_THE_WAY", exitCode: 5 });
      expect(await execa("ls", ["-A", at("notes")])).toMatchObject({ stdout: "" });
      await rename(file, `${file}.link`);
    }
  });

  test("a file is made for a file, and a pipe in its place is not waited for", async () => {
    await writeFile(at("data/one"), "1");
    const extras = await mounts(`${at("data/one")}:/workspace/conf/one:ro`);
    await extras.prepare(AGENT);
    await extras.prepare(AGENT);
    const file = path.join(paths().worktree, "conf/one");
    expect((await stat(file)).size).toBe(0);
    await rename(file, `${file}.old`);
    await symlink(at("data/one"), file);
    expect((await errorOf(extras.prepare(AGENT))).code).toBe("E_WORK_IN_THE_WAY");
    await rename(file, `${file}.link`);
    await execa("mkfifo", [file]);
    expect((await errorOf(extras.prepare(AGENT))).code).toBe("E_WORK_IN_THE_WAY");
  });

  test("a source that has become a link since is refused", async () => {
    const extras = await mounts(`${at("data/inner")}:/x`);
    await rename(at("data/inner"), at("data/gone"));
    await symlink("/", at("data/inner"));
    expect(await errorOf(extras.prepare(AGENT))).toMatchObject({ code: "E_MOUNT" });
  });

  test("the directory where commands run is made by the user, and through no link", async () => {
    const workdir = "/workspace/app/here";
    const extras = await extrasOf({ workdir });
    await extras.prepare(AGENT);
    expect((await stat(path.join(paths().worktree, "app/here"))).isDirectory()).toBe(true);
    await rename(path.join(paths().worktree, "app"), path.join(paths().worktree, "old"));
    await symlink(at("notes"), path.join(paths().worktree, "app"));
    await extras.prepare(AGENT);
    expect(await execa("ls", ["-A", at("notes")])).toMatchObject({ stdout: "" });
  });
});

describe("where a read-only mount shows the agent's own worktree", () => {
  beforeEach(async () => {
    stand = await createMountStand("dev/demo");
  });

  test("it is writable, and agent 1 has it in the primary's place too", async () => {
    stand.project.places.layout = "dev-root";
    const extras = await extrasOf({
      agents: 2,
      mounts: [`${at("dev")}:/workspaces/dev:ro`, "m:/workspace/m"],
    });
    expect(flat(extras, 1)).toEqual([
      "DIR/dev:/workspaces/dev:ro",
      "STATE/volumes/m:/workspace/m",
      "DIR/dev/agent1/demo:/workspaces/dev/demo",
      "STATE/dotgit:/workspaces/dev/demo/.git:ro",
      "DIR/dev/agent1/demo:/workspaces/dev/agent1/demo",
      "STATE/dotgit:/workspaces/dev/agent1/demo/.git:ro",
      "STATE/volumes/m:DIR/dev/agent1/demo/m",
      "STATE/volumes/m:/workspaces/dev/demo/m",
      "STATE/volumes/m:/workspaces/dev/agent1/demo/m",
    ]);
    expect(flat(extras, 2).filter((one) => one.startsWith("DIR"))).toEqual([
      "DIR/dev:/workspaces/dev:ro",
      "DIR/dev/agent2/demo:/workspaces/dev/agent2/demo",
    ]);
  });

  test("below the primary, agent 1 has it in the primary's place alone", async () => {
    const extras = await extrasOf({ agents: 2, mounts: [`${at("dev")}:/w:ro`] });
    const writable = (index: number) =>
      extras
        .of(agentAt(index))
        .mounts.filter(({ readOnly }) => !readOnly)
        .map(({ containerPath }) => containerPath);
    expect(writable(1)).toEqual(["/w/demo"]);
    expect(writable(2)).toEqual(["/w/demo/.devkit/agents/agent-2"]);
  });

  test("the primary itself, mounted alone, stays what it is", async () => {
    const extras = await extrasOf({ mounts: [`${at("dev/demo")}:/primary:ro`] });
    expect(flat(extras)[0]).toBe("DIR/dev/demo:/primary:ro");
    expect(flat(extras)[1]).toBe("DIR/dev/demo/.devkit/agents/agent-1:/primary/.devkit/agents/agent-1");
  });
});

describe("env_file", () => {
  test("later files win; a bad line is named with file and line and never shown", async () => {
    await writeFile(at("a.env"), '\uFEFF# c\n\n  A=1\nB="q" # x\nTERM\nNOT_SET\n');
    await writeFile(at("b.env"), "A=2=3\r\n");
    const hostEnv = { TERM: "xterm" };
    const extras = await extrasOf({ hostEnv, env_file: [at("a.env"), at("b.env")] });
    expect(extras.of(AGENT).env).toEqual({ A: "2=3", B: '"q" # x', TERM: "xterm" });
    for (const line of ["=x", "A B=hunter2", "1A=hunter2", "HOME=/hunter2", "DEVKIT_AGENT=hunter2"]) {
      await writeFile(at("b.env"), `OK=1\n${line}\n`);
      const error = await errorOf(extrasOf({ env_file: [at("b.env")] }));
      expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
      expect(error.message).toMatch(`${at("b.env")}:2: `);
      expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain("hunter2");
    }
  });

  test("that is missing, no file, or where an agent can put a link, is an error", async () => {
    await writeFile(path.join(paths().worktree, ".env"), "A=1\n");
    await symlink(path.join(paths().worktree, ".env"), at("link.env"));
    for (const [file, reason] of [
      [at("none.env"), /no such file/],
      [at("data"), /not a file/],
      [path.join(paths().worktree, ".env"), /devkit's own|an agent can write/],
      [at("link.env"), /devkit's own|an agent can write/],
    ] as const)
      expect((await errorOf(extrasOf({ env_file: [file] }))).message).toMatch(reason);
  });
});

test("an agent whose settings ask for nothing gets nothing but the names of its overlays", async () => {
  const extras = await extrasOf({});
  expect(extras.of(AGENT)).toEqual({ mounts: [], env: {}, overlays: ["small"], toolConfigs: {} });
});

describe("config of a program", () => {
  const codex = (file: string) => ({ configs: { codex: file } });

  test("is read, unless it is not there, no JSON for Claude Code, or where an agent can put a link", async () => {
    await writeFile(at("own.toml"), 'model = "mine"\n');
    expect((await extrasOf(codex(at("own.toml")))).of(AGENT).toolConfigs).toEqual({
      codex: 'model = "mine"\n',
    });
    await writeFile(path.join(paths().worktree, "own.toml"), "");
    for (const file of [at("nowhere.toml"), path.join(paths().worktree, "own.toml")]) {
      const error = await errorOf(extrasOf(codex(file)));
      expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
      expect(error.message).toContain(`codex.config is ${file}, and it cannot be read`);
    }
    const claude = { configs: { claude: at("own.toml") } };
    expect((await errorOf(extrasOf(claude))).message).toContain("it is no object of JSON");
  });
});
