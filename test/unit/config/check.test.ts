import { describe, expect, it } from "vitest";
import { configErrorOf, createProject, errorOf, problemsOf } from "./temp-project.js";

describe("a setting with a wrong value", () => {
  const size = 'a size such as "4g" or "512m", or a whole number of bytes';
  const image = 'the name of an image, such as "debian:bookworm-slim"';
  const prefix = 'the start of a branch\'s name, such as "agent" or "team/bot-", not below "agent/"';
  const revision = 'a revision, such as "HEAD" or "origin/main"';
  const overlay = "an overlay's name: lower case, digits, - and _, never a path";
  const name = "is not a variable name: letters, digits and _, not starting with a digit";
  it.each([
    // [line inside the table, column, message]
    ["container", "memory = true", 10, `container.memory must be ${size}, not true`],
    ["container", 'memory = "lots"', 10, `container.memory must be ${size}, not "lots"`],
    ["container", "memory = 2.5e9", 10, undefined],
    ["container", "memory = 0.5", 10, `container.memory must be ${size}, not the number 0.5`],
    ["container", "memory = -1", 10, 'container.memory must be at least "64m", not the number -1'],
    ["container", 'memory = "63m"', 10, 'container.memory must be at least "64m", not "63m"'],
    ["container", "memory = 67108864", 10, undefined],
    [
      "container",
      "memory = 9007199254740993",
      10,
      `container.memory must be ${size}, not the number 9007199254740993`,
    ],
    ["container", 'memory = "99999t"', 10, `container.memory must be ${size}, not "99999t"`],
    ["container", 'tmp = "0"', 7, 'container.tmp must be at least "1m", not "0"'],
    ["container", 'cpus = "2"', 8, 'container.cpus must be a number of at least 0.01, not "2"'],
    ["container", "cpus = 0", 8, "container.cpus must be a number of at least 0.01, not the number 0"],
    ["container", "cpus = 0.01", 8, undefined],
    [
      "container",
      "cpus = inf",
      8,
      "container.cpus must be a number of at least 0.01, not the number Infinity",
    ],
    ["container", "cpus = nan", 8, "container.cpus must be a number of at least 0.01, not the number NaN"],
    ["container", "cpus = 2020-01-01", 8, "container.cpus must be a number of at least 0.01, not a date"],
    [
      "container",
      "pids = 15",
      8,
      "container.pids must be a whole number from 16 to 4194304, not the number 15",
    ],
    ["container", "pids = 16", 8, undefined],
    [
      "container",
      "pids = 16.5",
      8,
      "container.pids must be a whole number from 16 to 4194304, not the number 16.5",
    ],
    [
      "container",
      "pids = 9_999_999",
      8,
      "container.pids must be a whole number from 16 to 4194304, not the number 9999999",
    ],
    ["container", "pids = [1]", 8, "container.pids must be a whole number from 16 to 4194304, not a list"],
    ["container", "env = 3", 7, 'container.env must be a table such as { TZ = "UTC" }, not the number 3'],
    [
      "container",
      "env.PORT = 8080",
      12,
      "container.env.PORT must be a string in quotes, not the number 8080",
    ],
    ["container", 'env."a-b" = "x"', 5, `container.env.a-b ${name}`],
    ["container", 'env = { 1A = "x" }', 9, `container.env.1A ${name}`],
    ["container", 'env = { "" = "x" }', 9, `container.env."" ${name}`],
    ["container", 'env = { A = "a\\u0000b" }', 13, "container.env.A must not contain a NUL character"],
    [
      "container",
      'env.HOME = "/root"',
      5,
      "container.env.HOME is set by devkit: every agent has a HOME of its own, and its worktree and tools are found through it",
    ],
    [
      "container",
      'env.DEV_HOME = "x"',
      5,
      "container.env.DEV_HOME is set by devkit: every agent has a HOME of its own, and its worktree and tools are found through it",
    ],
    [
      "container",
      'env.DEVKIT_AGENT = "x"',
      5,
      "container.env.DEVKIT_AGENT is set by devkit: names that start with DEVKIT_ tell an agent who it is",
    ],
    ["container", 'env.HOMER = "fine"', 5, undefined],
    ["worktrees", 'layout = "flat"', 10, 'worktrees.layout must be "nested" or "dev-root", not "flat"'],
    ["worktrees", "layout = 3", 10, 'worktrees.layout must be "nested" or "dev-root", not the number 3'],
    ["worktrees", 'branch_prefix = "agent/"', 17, `worktrees.branch_prefix must be ${prefix}, not "agent/"`],
    ["worktrees", 'branch_prefix = "-x"', 17, `worktrees.branch_prefix must be ${prefix}, not "-x"`],
    ["worktrees", 'branch_prefix = "a b"', 17, `worktrees.branch_prefix must be ${prefix}, not "a b"`],
    ["worktrees", "branch_prefix = []", 17, `worktrees.branch_prefix must be ${prefix}, not a list`],
    ["image", 'base = ""', 8, `image.base must be ${image}, not ""`],
    ["image", 'use = "--privileged"', 7, `image.use must be ${image}, not "--privileged"`],
    ["image", 'use = "a b"', 7, `image.use must be ${image}, not "a b"`],
    [
      "image",
      'packages = "jq"',
      12,
      'image.packages must be a list of Debian packages, such as ["python3"], not "jq"',
    ],
    ["project", 'base = "--all"', 8, `project.base must be ${revision}, not "--all"`],
    ["project", 'base = ""', 8, `project.base must be ${revision}, not ""`],
    ["project", "overlays = [1]", 13, `each of project.overlays must be ${overlay}, not the number 1`],
    ["project", 'overlays = ["../x"]', 13, `each of project.overlays must be ${overlay}, not "../x"`],
  ])("[%s] %s", async (table, line, column, message) => {
    const text = `\n[${table}]\n${line}\n`;
    if (message === undefined) {
      const project = await createProject();
      await project.write("devkit.toml", text);
      await expect(project.load()).resolves.toBeDefined();
      return;
    }
    const error = await configErrorOf(text);
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
    expect(error.hint).toBe("correct devkit.toml, then run: devkit config check");
    expect(problemsOf(error)).toEqual([{ file: "devkit.toml", line: 3, column, message, sourceLine: line }]);
    expect(error.message).toBe(`devkit.toml:3:${String(column)}: ${problemsOf(error)[0]?.message ?? ""}`);
  });
});

describe("a package name", () => {
  it.each(["Vim", "x", "-y", "vim-", "a b", "foo=1", "a/b", "a_b", "ü1", ""])(
    "cannot be %j",
    async (name) => {
      const error = await configErrorOf(`image.packages = ["jq", "${name}"]\n`);
      expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
      expect(error.message).toBe(
        'devkit.toml:1:25: each of image.packages must be a Debian package name, such as "python3" ' +
          `(lower case, digits, + - .), not "${name}"`,
      );
    },
  );
});

describe("a key that does not exist", () => {
  const keys =
    "[container] has: memory, cpus, pids, tmp, env, env_file, mounts, workspace_at, workdir, command, user";
  const tables =
    "there are: project, worktrees, image, container, egress, custody, workspace, budget, caches, hooks, ports, agent, ssh, codex, claude, tasks, check";
  it.each([
    ['[container]\nmemry = "4g"', 2, 1, 'unknown key "memry" in [container]', 'did you mean "memory"?'],
    ["[container]\nmem = 1", 2, 1, 'unknown key "mem" in [container]', 'did you mean "memory"?'],
    ["[container]\nCPUs = 1", 2, 1, 'unknown key "CPUs" in [container]', 'did you mean "cpus"?'],
    ["[container]\ncups = 1", 2, 1, 'unknown key "cups" in [container]', 'did you mean "cpus"?'],
    ["container.  pid = 1", 1, 13, 'unknown key "pid" in [container]', 'did you mean "pids"?'],
    ["[container]\nnetwork = 1", 2, 1, 'unknown key "network" in [container]', keys],
    [
      "[container]\npackages = []",
      2,
      1,
      'unknown key "packages" in [container]',
      '"packages" belongs in [image]',
    ],
    ["[contaner]\ncpus = 1", 1, 2, "unknown table [contaner]", 'did you mean "container"?'],
    ["[a.b]\nc = 1", 1, 2, "unknown table [a]", tables],
    ["x = { y = 1 }", 1, 1, "unknown table [x]", tables],
    ["memory = 1", 1, 1, 'unknown key "memory"', '"memory" belongs in [container]'],
    ["  memry = 1", 1, 3, 'unknown key "memry"', 'did you mean "memory" in [container]?'],
    ['description = "x"', 1, 1, 'unknown key "description"', 'only an overlay has "description"'],
    ["constructor = 1", 1, 1, 'unknown key "constructor"', tables],
    ["[container]\nconstructor = 1", 2, 1, 'unknown key "constructor" in [container]', keys],
    ["[container]\n__proto__ = 1", 2, 1, 'unknown key "__proto__" in [container]', keys],
  ])("%j", async (text, line, column, message, hint) => {
    const error = await configErrorOf(text);
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2, hint });
    expect(error.message).toBe(`devkit.toml:${String(line)}:${String(column)}: ${message}`);
  });

  it.each([
    ["container = 3", "container must be a table, not the number 3", 1],
    ["image = 2020-01-01", "image must be a table, not a date", 1],
    ["[[project]]\nbase = 'x'\n[[project]]\n", "project must be a table, not a list", 3],
  ])("a table that is none: %j", async (text, message, column) => {
    const error = await configErrorOf(text);
    expect(error).toMatchObject({ code: "E_CONFIG", message: `devkit.toml:1:${String(column)}: ${message}` });
  });

  it("in an overlay", async () => {
    const project = await createProject();
    await project.write(
      ".devkit-overlays/x/overlay.toml",
      `description = 5\n[project]\nbase = "main"\noverlays = []\n[workspace]\n[imag]\n`,
    );
    const error = await errorOf(project.load(["x"]));
    expect(error).toMatchObject({ code: "E_CONFIG", exitCode: 2 });
    expect(error.message).toBe(
      ".devkit-overlays/x/overlay.toml:1:15: description must be one line of text, not the number 5 (and 3 more)",
    );
    expect(problemsOf(error).map(({ message, hint }) => [message, hint])).toEqual([
      ["description must be one line of text, not the number 5", undefined],
      ["an overlay cannot set project.overlays", "devkit.toml can"],
      ["unknown table [workspace]", "an overlay cannot set [workspace]; devkit.toml can"],
      ["unknown table [imag]", 'did you mean "image"?'],
    ]);
  });
});

describe("a file with many problems", () => {
  const text = `[container]
memory = "x"
pids = 3.5
\tcolour = 1
env = { A = 1, HOME = 2 }
[image]
packages = ["ok", "Bad", 5]
`;

  it("has them all reported, in the order of the file", async () => {
    const error = await configErrorOf(text);
    expect(problemsOf(error).map(({ line, column }) => `${String(line)}:${String(column)}`)).toEqual([
      "2:10",
      "3:8",
      "4:2",
      "5:13",
      "5:16",
      "5:23",
      "7:19",
      "7:26",
    ]);
    expect(error.message).toMatch(/^devkit\.toml:2:10: container\.memory must be .* \(and 7 more\)$/);
    expect(error.message).not.toContain("\n");
  });

  it("shows each with its source line and a caret below the place", async () => {
    const error = await configErrorOf(`[container]\npids = 3.5\n\tcolour = "😀" # é\nenv = { "Ä😀" = "" }\n`);
    expect(error.details["excerpt"]).toBe(`  2 | pids = 3.5
    |        ^
devkit.toml:3:2: unknown key "colour" in [container]
  3 |  colour = "😀" # é
    |  ^
  hint: [container] has: memory, cpus, pids, tmp, env, env_file, mounts, workspace_at, workdir, command, user
devkit.toml:4:9: container.env."Ä😀" is not a variable name: letters, digits and _, not starting with a digit
  4 | env = { "Ä😀" = "" }
    |         ^`);
  });

  it("shows ten of them, and how many there are besides", async () => {
    const error = await configErrorOf(
      Array.from({ length: 40 }, (_, index) => `k${String(index)}z = 1`).join("\n"),
    );
    expect(problemsOf(error)).toHaveLength(40);
    expect(error.details["excerpt"]).toContain("k9z");
    expect(error.details["excerpt"]).not.toContain("k10z");
    expect(error.details["excerpt"]).toMatch(/\n… and 30 more$/);
  });

  it("shows the part of a long line that matters", async () => {
    const error = await configErrorOf(`image = { ${" ".repeat(500)}bad = "${"x".repeat(500)}" }`);
    const [source, caret] = String(error.details["excerpt"]).split("\n");
    expect(source?.length).toBeLessThan(120);
    expect(source?.slice(caret?.indexOf("^"))).toMatch(/^bad = "x+…$/);
  });

  it("keeps control characters of the file off the terminal", async () => {
    const error = await configErrorOf(
      `[container]\nenv = { "\u009b31m\u202e" = 1, "\\u001b]0;x" = "" } # \u0085\n`,
    );
    const shown = `${error.message}${String(error.details["excerpt"])}`;
    expect(shown).toContain('env = { "·31m·" = 1');
    // eslint-disable-next-line no-control-regex
    expect(shown.replaceAll("\n", "")).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/);
  });
});
