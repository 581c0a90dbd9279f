import { describe, expect, it } from "vitest";
import { agentAt } from "../../../src/domain/agents/agent.js";
import type { LoadedConfig } from "../../../src/config/load.js";
import { createProject, errorOf, problemsOf } from "./temp-project.js";

const pidsOf = ({ settings, settingsOf }: LoadedConfig) => [
  settings.container.pids,
  ...[1, 2, 3].map((index) => settingsOf(agentAt(index)).container.pids),
];

describe("an overlay for one agent", () => {
  it("is for that one alone", async () => {
    const project = await createProject();
    await project.write("shipped/big/overlay.toml", "agent = 2\n[container]\npids = 2000\n");
    await project.write("devkit.toml", '[project]\noverlays = ["big"]\n');
    const loaded = await project.load();
    expect(pidsOf(loaded)).toEqual([512, 512, 2000, 512]);
    expect(loaded.origins.get("container.pids")).toEqual({ source: "default" });
  });

  it("named agentN in the repository is in force by itself, with or without saying so", async () => {
    const project = await createProject();
    await project.write(".devkit-overlays/agent2/overlay.toml", "[container]\npids = 22\n");
    await project.write(".devkit-overlays/agent3/overlay.toml", "agent = 3\n[container]\npids = 33\n");
    await project.write(".devkit-overlays/agents/overlay.toml", "[container]\npids = 99\n");
    await project.write("shipped/agent1/overlay.toml", "[container]\npids = 99\n");
    const loaded = await project.load();
    expect(pidsOf(loaded)).toEqual([512, 512, 22, 33]);
    expect(loaded.files).toHaveLength(2);
    expect(pidsOf(await project.load(["agent1"]))).toEqual([512, 99, 22, 33]);
  });

  it("comes after those of devkit.toml and before those of -p", async () => {
    const project = await createProject();
    await project.write(".devkit-overlays/agent2/overlay.toml", "[container]\npids = 22\ncpus = 2.5\n");
    await project.write("shipped/one/overlay.toml", "[container]\npids = 101\ncpus = 1\n");
    await project.write("shipped/two/overlay.toml", "[container]\npids = 102\n");
    await project.write("devkit.toml", '[project]\noverlays = ["one"]\n');
    const loaded = await project.load(["two"]);
    expect(pidsOf(loaded)).toEqual([102, 102, 102, 102]);
    expect(loaded.settingsOf(agentAt(2)).container.cpus).toBe(2.5);
  });

  it("takes what it extends to that agent", async () => {
    const project = await createProject();
    await project.write("shipped/big/overlay.toml", "[container]\npids = 2000\n");
    await project.write(".devkit-overlays/agent2/overlay.toml", 'extends = ["big"]\n');
    expect(pidsOf(await project.load())).toEqual([512, 512, 2000, 512]);
    // For all agents it can be named besides.
    expect(pidsOf(await project.load(["big"]))).toEqual([2000, 2000, 2000, 2000]);
  });

  it("can be extended by one for all, and stays with its agent", async () => {
    const project = await createProject();
    await project.write("shipped/two/overlay.toml", "agent = 2\n[container]\npids = 22\n");
    await project.write("shipped/all/overlay.toml", 'extends = ["two"]\n[container]\ncpus = 1\n');
    expect(pidsOf(await project.load(["all"]))).toEqual([512, 512, 22, 512]);
  });

  it.each([
    ["[image]\npackages = ['jq']", true],
    ["[container]\nmemory = '1g'", true],
    ["[caches]\nuse = ['maven']", true],
    ["[hooks]\non_create = ['a']\non_start = ['b']\nwarm = ['c']\nmaintain = ['d']", true],
    ["[ports]\npublish = [3000]", true],
    ["[ssh]\nknown_hosts = []\n[codex]\nconfig = 'a'\n[claude]\npool = 'b'", true],
    ["[hooks]\nhost = ['a']", "hooks.host"],
    ["[egress]\nallow = ['example.com']", "egress.allow"],
    ["[ports]\nbase = 30000", "ports.base"],
    ["[budget]\ncpus = 3", "budget.cpus"],
    ["[project]\ncount = 3", "project.count"],
    ["[worktrees]\nlayout = 'nested'", "worktrees.layout"],
    ["[custody]\ngitlinks = 'allow'", "custody.gitlinks"],
  ])("may set what one agent can have of its own: %j", async (text, outcome) => {
    const project = await createProject();
    await project.write("shipped/x/overlay.toml", `agent = 2\n${text}\n`);
    if (outcome === true) {
      await expect(project.load(["x"])).resolves.toBeDefined();
      return;
    }
    const error = await errorOf(project.load(["x"]));
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
    const message = `${outcome as string} concerns all agents, and this overlay is for agent 2 alone`;
    expect(problemsOf(error)).toMatchObject([{ line: 3, column: 1, message }]);
    expect(error.hint).toContain("set it in devkit.toml or in an overlay for all");
  });

  it("cannot extend one that concerns all", async () => {
    const project = await createProject();
    await project.write("shipped/web/overlay.toml", "egress.allow = ['example.com']\n");
    await project.write("shipped/three/overlay.toml", "agent = 3\n");
    await project.write(".devkit-overlays/agent2/overlay.toml", 'extends = ["web"]\n');
    const error = await errorOf(project.load());
    expect(problemsOf(error)).toMatchObject([
      {
        line: 1,
        column: 12,
        message: 'agent2 is for agent 2 alone, and "web" sets egress.allow, which concerns all agents',
        hint: 'put "web" into [project] overlays',
      },
    ]);
    await project.write(".devkit-overlays/agent2/overlay.toml", 'extends = ["three"]\n');
    expect((await errorOf(project.load())).message).toContain(
      'agent2 is for agent 2 alone, and "three" is for agent 3',
    );
  });

  it("named for one agent cannot be for another", async () => {
    const project = await createProject();
    await project.write(".devkit-overlays/agent2/overlay.toml", "agent = 3\n");
    const error = await errorOf(project.load());
    expect(error.message).toBe(
      ".devkit-overlays/agent2/overlay.toml:1:9: an overlay named agent2 is for agent 2, not for 3",
    );
  });

  it.each(["agent = 0", "agent = 'two'", "agent = 1.5", "agent = 10000"])("%s is no agent", async (text) => {
    const project = await createProject();
    await project.write("shipped/x/overlay.toml", `${text}\n`);
    expect((await errorOf(project.load(["x"]))).message).toMatch(
      /^shipped\/x\/overlay.toml:1:9: agent must be a whole number from 1 to 9999/,
    );
  });
});

describe("paths in settings", () => {
  it("start from the directory of the file that says them", async () => {
    const [project, elsewhere] = [await createProject(), await createProject()];
    const file = await elsewhere.write(
      "sub/x.toml",
      "image.dockerfile = 'a/b'\ncontainer.env_file = ['.env', '../x']\n",
    );
    await project.write(
      ".devkit-overlays/o/overlay.toml",
      "image.context = './c'\ncontainer.mounts = ['./d:/d', '/e:/e']\n",
    );
    const { settings } = await project.load(["o"], { configFile: file });
    expect(settings.image).toMatchObject({
      dockerfile: `${elsewhere.root}/sub/a/b`,
      context: `${project.root}/.devkit-overlays/o/c`,
    });
    expect(settings.container.env_file).toEqual([`${elsewhere.root}/sub/.env`, `${elsewhere.root}/x`]);
    expect(settings.container.mounts).toEqual([`${project.root}/.devkit-overlays/o/d:/d`, "/e:/e"]);
  });

  it("add up when they are the same in two spellings", async () => {
    const project = await createProject();
    await project.write("devkit.toml", "container.mounts = ['./d:/d', 'v:/v']\n");
    await project.write(".devkit-overlays/o/overlay.toml", "container.mounts = ['../../d:/d/', 'v:/v:rw']\n");
    expect((await project.load(["o"])).settings.container.mounts).toEqual([`${project.root}/d:/d`, "v:/v"]);
  });

  it.each([
    ["container.mounts = ['data']", "it is not SOURCE:TARGET[:ro]"],
    ["container.mounts = ['data/x:/x']", '"data/x" is neither a path'],
    ["container.mounts = ['./d:x']", '"x" is not an absolute path inside the agent'],
    ["container.mounts = ['./d:/x:z']", '"z" is neither ro nor rw'],
    ["container.mounts = [3]", "not the number 3"],
    ["container.mounts = './d:/x'", "must be a list of mounts"],
    ["container.env_file = '.env'", "must be a list of paths"],
    ["container.env_file = ['']", "must be a path"],
    ["container.workdir = 'app'", "must be an absolute path inside the agent"],
    ["container.workdir = '/a/../b'", "must be an absolute path inside the agent"],
    ["container.command = 'npm start'", "must be a program and its arguments"],
    ["container.command = [1]", "must be text without NUL characters, not the number 1"],
    ["container.user = 'root:x'", "must be yours, as it always is"],
    ["image.dockerfile = 3", "must be a path"],
    ["image.context = 'https://example.com/x.git'", "must be a directory of this machine"],
    ["image.context = 'git@example.com:x'", "must be a directory of this machine"],
    ["image.args = ['a']", "must be a table such as"],
    ["image.args.A = 1", "image.args.A must be text, not the number 1"],
    ["image.args.a-b = '1'", "image.args.a-b is not the name of an argument"],
    ["image.target = '-x'", "must be the name of a stage"],
    ["image.npm = ['cowsay']", "must be an npm package at a pinned version"],
    ["budget.memory = '1m'", 'must be at least "64m"'],
    ["budget.cpus = 0", "must be a number of at least 0.01"],
    ["budget.pids = 'x'", "must be a whole number from 16"],
    ["caches.use = ['bower']", 'must be "npm" or '],
    ["caches.use = 'npm'", "must be a list of tools"],
    ["caches.trust = 'all'", 'must be "shared" or "readonly"'],
    ["hooks.on_create = 'npm ci'", "must be a list of commands"],
    ["hooks.on_start = [1]", "must be one line for a shell"],
    ["hooks.warm = ['a\\nb']", undefined],
    ["hooks.host = [[]]", "must be one line for a shell"],
    ["hooks.maintain = {}", "must be a list of commands"],
    ["ports.base = 80", "must be a whole number from 1024 to 65535"],
    ["ports.block = 0", "must be a whole number from 1 to 1000"],
    ["ports.publish = [0]", "must be a port from 1 to 65535"],
    ["ports.publish = ['70000']", "must be a port from 1 to 65535"],
    ["ports.publish = 3000", "must be a list of ports"],
    ["project.count = 0", "must be a whole number from 1 to 9999"],
  ])("and other settings of the wrong kind are refused at their place: %s", async (line, message) => {
    const project = await createProject();
    await project.write("devkit.toml", `\n${line}\n`);
    if (message === undefined) {
      await expect(project.load()).resolves.toBeDefined();
      return;
    }
    const error = await errorOf(project.load());
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
    expect(problemsOf(error)).toMatchObject([
      { line: 2, message: expect.stringContaining(message) as string },
    ]);
    expect(problemsOf(error)[0]?.column).toBeGreaterThan(1);
  });
});
