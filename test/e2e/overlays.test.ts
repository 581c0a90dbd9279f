import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

/**
 * The seed's plan as it is written there (Container Mapping, Transition Steps), on a repository of its name; then what
 * mounts, volumes and settings of the container do in a real one.
 */
let box: Sandbox;
let devRoot: string;

beforeAll(async () => {
  box = await createSandbox({ name: "dev/ouroboros-ide" });
  await box.setIdentity();
  devRoot = path.join(box.dir, "dev");
  await mkdir(path.join(devRoot, "neighbour/.git"), { recursive: true });
  // As the plan has it, and a volume besides.
  const volumes = "      - ../agent2/ouroboros-ide:/workspace\n      - target:/workspace/target\n";
  await overlay("agent2", `services:\n  dev:\n    volumes:\n${volumes}`, "compose.override.yml");
  await overlay("second", 'agent = 2\n[container]\nenv = { SECOND = "yes" }\n');
});

afterAll(() => box.remove());

async function overlay(name: string, text: string, file = "overlay.toml"): Promise<void> {
  const dir = path.join(box.repo, ".devkit-overlays", name);
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, file), text);
}

async function works(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await box.devkit(...args);
  expect({ args, exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return stdout;
}

const inside = (index: number, script: string) =>
  box.devkit("exec", String(index), "--", "sh", "-ec", script);
const worktree = (index: number) => path.join(devRoot, `agent${String(index)}/ouroboros-ide`);
const settings = async (text: string) => {
  await writeFile(path.join(box.repo, "devkit.toml"), text);
  await works("trust", "--yes");
};
const containerOf = async (index: number) =>
  (await box.containers()).find(({ name }) => name.endsWith(`-agent-${String(index)}`));

describe("the seed's plan", () => {
  test("each agent finds its working copy where the plan says, and commits there", async () => {
    await works("-p", "dev-all", "worktrees", "init", "2");
    await works("-p", "dev-all", "agent", "up", "2");
    const script =
      'pwd; git status --short; echo "$0" >made; git add made; git commit -qm "of $0"; git branch --show-current';
    expect(await works("-p", "dev-all", "exec-cd", "1", "ouroboros-ide", "bash", "-c", script, "one")).toBe(
      "/workspaces/dev/ouroboros-ide\nagent/agent-1/idle",
    );
    expect(
      await works("-p", "dev-all", "exec-cd", "2", "agent2/ouroboros-ide", "bash", "-c", script, "two"),
    ).toBe("/workspaces/dev/agent2/ouroboros-ide\nagent/agent-2/idle");
    expect(await works("exec", "1", "pwd")).toBe("/workspaces/dev");
    expect(await works("exec-cd", "1", "/workspace", "cat", "made")).toBe("one");
    await works("agent", "sync");
    const tips = await box.git("worktree", "list", "--porcelain");
    for (const [index, of] of [
      ["1", "one"],
      ["2", "two"],
    ] as const) {
      const tip = await box.git("rev-parse", `agent/agent-${index}/idle`);
      expect(await box.git("log", "-1", "--format=%s", tip)).toBe(`of ${of}`);
      expect(tips).toContain(`worktree ${worktree(Number(index))}\nHEAD ${tip}`);
      expect(await box.git("-C", worktree(Number(index)), "status", "--porcelain")).toBe("");
    }
    expect(await box.git("status", "--porcelain")).toBe("?? .devkit-overlays/");
  });

  test("nothing else below the dev root can be written, and no .git but the agent's own is there to write", async () => {
    const denied = [
      ...["x", "neighbour/x", "neighbour/.git/x", "agent2/x", "agent1/x", "agent2/ouroboros-ide/x"],
      ...["ouroboros-ide/.git", "agent1/ouroboros-ide/.git", "agent2/ouroboros-ide/.git"],
    ];
    const script = denied.map((file) => `! touch ${file} 2>/dev/null || echo ${file}`).join("\n");
    expect(await inside(1, script)).toMatchObject({ stdout: "", exitCode: 0 });
    const renamed = await inside(1, "mv ouroboros-ide gone || mv agent2 gone || rm ouroboros-ide/.git");
    expect(renamed.exitCode).not.toBe(0);
    expect(await inside(2, "touch ouroboros-ide/x || touch ouroboros-ide/.git/x")).toMatchObject({
      exitCode: 1,
    });
    expect(await readdir(path.join(devRoot, "neighbour"))).toEqual([".git"]);
    const format =
      "{{range .HostConfig.Mounts}}{{.ReadOnly}} {{if .BindOptions}}{{.BindOptions.NonRecursive}}{{end}}\n{{end}}";
    const { stdout } = await execa("docker", [
      "inspect",
      "--format",
      format,
      (await containerOf(1))?.id ?? "",
    ]);
    expect(new Set(stdout.trim().split("\n"))).toEqual(new Set(["true true", "false "]));
    expect(await readFile(path.join(worktree(1), ".git"), "utf8")).toMatch(/^gitdir: .*worktrees/);
  });

  test("an overlay for one agent is that agent's alone; a command that names one means it", async () => {
    expect(
      (await inside(2, "echo built >/workspace/target/out; ls agent2/ouroboros-ide/target")).stdout,
    ).toBe("out");
    expect(await inside(1, "ls /workspace/target")).toMatchObject({ exitCode: 2 });
    expect(await works("-p", "second", "exec", "1", "true")).toBe("");
    const refused = await box.json("-p", "small", "exec", "2", "--", "true");
    expect(refused).toMatchObject({ exitCode: 125, error: { code: "E_OVERLAY_NOT_APPLIED" } });
    expect(refused.error?.hint).toContain("devkit -p agent2 -p dev-all -p small agent up agent-2");
    expect((await box.json("-p", "nope", "exec", "2", "--", "true")).error?.code).toBe("E_OVERLAY_UNKNOWN");
  });

  test("a change of overlays is a cause that has their names, and none is no change", async () => {
    expect(await works("-p", "dev-all", "agent", "up", "2", "--dry-run")).toBe("Nothing to do.");
    expect(await works("-p", "dev-all", "-p", "second", "agent", "up", "2", "--dry-run")).toMatch(
      /^agent-2 {2}container.remove: overlays changed from agent2, dev-all to agent2, dev-all, second, /,
    );
  });
});

describe("an agent that means harm", () => {
  const canary = () => path.join(box.dir, "canary");
  const mounts = () =>
    settings(
      `[container]\nmounts = ["modules:/workspace/node_modules", "${path.join(devRoot, "data")}:/data"]\n`,
    );

  beforeAll(async () => {
    await mkdir(canary());
    await mkdir(path.join(devRoot, "data"));
    await mounts();
    await works("agent", "up", "1");
  });

  test("cannot take a volume's place, or lead it elsewhere: with devkit it is refused", async () => {
    const taken = await inside(1, "echo kept >node_modules/kept; rmdir node_modules || mv node_modules away");
    expect(taken.exitCode).not.toBe(0);
    await works("agent", "down", "1");
    // As it would be if the agent had done it before the volume was asked for.
    const point = path.join(worktree(1), "node_modules");
    await rename(point, `${point}.real`);
    await symlink(canary(), point);
    const refused = await box.devkit("agent", "up", "1");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain(`${point} is neither a directory nor free to be mounted over`);
    expect((await containerOf(1))?.state).not.toBe("running");
  });

  test("and started behind devkit's back, the engine follows such a link inside the container only", async () => {
    await execa("docker", ["start", (await containerOf(1))?.id ?? ""]);
    const seen = await execa("docker", [
      "exec",
      (await containerOf(1))?.id ?? "",
      "sh",
      "-c",
      `cat ${canary()}/kept; touch ${canary()}/planted`,
    ]);
    expect(seen.stdout).toBe("kept");
    expect(await readdir(canary())).toEqual([]);
    expect((await stat(canary())).mode & 0o777).toBe(0o755);
    await works("agent", "down", "1");
    await rm(path.join(worktree(1), "node_modules"));
    await works("agent", "up", "1");
    expect(await inside(1, "ls node_modules")).toMatchObject({ stdout: "kept\nplanted" });
  });

  test("what a repository takes from outside of it waits for the user's approval", async () => {
    await works("trust", "--revoke");
    const refused = await box.json("agent", "up", "1");
    expect(refused).toMatchObject({
      exitCode: 5,
      error: { code: "E_UNTRUSTED", hint: expect.stringContaining("devkit trust") as string },
    });
    expect(refused.error?.details["reaches"]).toEqual([
      { what: `the mount ${path.join(devRoot, "data")}:/data`, origin: "devkit.toml" },
    ]);
    await works("trust", "--yes");
    await works("agent", "up", "1");
  });

  test("cannot turn a source that it can reach through another mount into a link", async () => {
    await inside(1, "mkdir /data/sub");
    await settings(`[container]\nmounts = ["${path.join(devRoot, "data/sub")}:/sub"]\n`);
    const refused = await box.json("agent", "up", "1");
    expect(refused).toMatchObject({ exitCode: 2, error: { code: "E_MOUNT" } });
    expect(refused.error?.message).toMatch(/^devkit.toml:2:11: .* agent-1 can write in .*data: /);
    await inside(1, `rmdir /data/sub; ln -s / /data/sub`);
    expect((await box.json("agent", "up", "1")).error?.code).toBe("E_MOUNT");
    // What is refused keeps nobody from looking, nor from bringing commits home.
    expect(await works("agent", "status", "1")).toMatch(/up would +fail: .*is refused/);
    await mounts();
  });

  test("its volume goes with it, and comes back with it", async () => {
    await works("agent", "kill", "1", "--force");
    expect(await readdir(path.join(await stateDir(), "agents"))).not.toContain("agent-1");
    await works("agent", "restore", "1");
    await works("agent", "up", "1");
    expect(await inside(1, "ls node_modules")).toMatchObject({ stdout: "kept\nplanted" });
  });
});

async function stateDir(): Promise<string> {
  const state = path.join(box.env["HOME"] ?? "", ".local/state/devkit");
  return path.join(state, (await readdir(state)).find((name) => name.startsWith("ouroboros-ide-")) ?? "");
}

test("a main process of one's own begins in a sealed network, with variables that no label shows", async () => {
  const file = path.join(box.dir, "my.env");
  await writeFile(file, "TOKEN=hunter2\nWINS=file\n");
  const command = 'echo "main $$WINS $${#TOKEN} $$PWD"; until [ -e go ]; do sleep 0.1; done; exit 3';
  await settings(
    `[container]\nenv = { WINS = "env" }\nenv_file = ["${file}"]\nworkdir = "/workspace/app/here"\ncommand = ["sh", "-c", '${command}']\n`,
  );
  await works("agent", "up", "1");
  const id = (await containerOf(1))?.id ?? "";
  const inspected = await execa("docker", ["inspect", "--format", "{{json .Config.Labels}}", id]);
  expect(inspected.stdout).toContain("env TOKEN");
  expect(inspected.stdout).not.toContain("hunter2");
  expect(await inside(1, "pwd; touch go")).toMatchObject({ stdout: "/workspace/app/here" });
  await box.until(async () => (await containerOf(1))?.state === "exited");
  expect(await works("agent", "logs", "1")).toMatch(/ {2}main env 7 \/workspace\/app\/here$/m);
  expect(await works("agent", "status", "1")).toMatch(
    /exited \(Exited \(3\)[^]*container.start: its container is exited/,
  );
  await works("agent", "up", "1");
  await box.until(async () => (await works("agent", "logs", "1")).split(" main env 7 ").length === 3);
});
