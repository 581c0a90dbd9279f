import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { completionScript } from "../../../src/cli/completion-script.js";
import { GLOBAL_OPTIONS } from "../../../src/cli/globals.js";
import { COMMANDS, GROUPS } from "../../../src/cli/table.js";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";

const TABLE = { commands: COMMANDS, groups: GROUPS, globals: GLOBAL_OPTIONS };

let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(path.join(os.tmpdir(), "devkit completion "));
  await writeFile(path.join(dir, "completion.bash"), completionScript("bash", TABLE));
  const names = Array.from({ length: 10 }, (_, position) => `agent-${String(position + 1)}`).join("\\n");
  await writeFile(
    path.join(dir, "devkit"),
    `#!/bin/sh
case "$*" in
  "agent list --quiet") printf '${names}\\n' ;;
  "overlay list --quiet") printf 'node\\nsmall\\n' ;;
esac
`,
    {
      mode: 0o755,
    },
  );
  return () => {
    rmSync(dir, { recursive: true });
  };
});

/** What bash offers when TAB is pressed at the end of a line; the last word is being typed. */
function complete(...words: string[]): string[] {
  const script = `
    source "$1/completion.bash"; shift
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    complete -p devkit | grep -q -- '-F _devkit devkit$' || exit 9
    _devkit
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: `${dir}:${process.env["PATH"] ?? ""}`, HOME: dir };
  const said = execFileSync(
    "bash",
    ["-uc", script.replaceAll("$HOME", dir), "bash", dir, "devkit", ...words],
    {
      encoding: "utf8",
      env,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  return said.split("\n").filter((word) => word !== "");
}

describe("in bash", () => {
  test("the first word: commands, groups and global options", () => {
    const offered = complete("");
    for (const { path: words } of COMMANDS) expect(offered).toContain(words.split(" ")[0]);
    expect(offered).toEqual(expect.arrayContaining(["--json", "--directory", "--help"]));
    expect(offered.filter((word) => offered.indexOf(word) !== offered.lastIndexOf(word))).toEqual([]);
  });

  test("a word that is begun", () => {
    expect(complete("ag")).toEqual(["agent"]);
    expect(complete("exec").sort()).toEqual(["exec", "exec-cd"]);
    expect(complete("--js")).toEqual(["--json"]);
    expect(complete("zzz")).toEqual([]);
  });

  test("the words of a group, and nothing of another", () => {
    const below = COMMANDS.filter(({ path: words }) => words.startsWith("agent ")).map(({ path: words }) =>
      words.slice("agent ".length),
    );
    expect(complete("agent", "").sort()).toEqual([...new Set(below.map((one) => one.split(" ")[0]))].sort());
    expect(complete("agent", "home", "").sort()).toEqual(["reset", "show"]);
    expect(complete("config", "").sort()).toEqual(["check", "show"]);
  });

  test("a command's own options", () => {
    expect(complete("agent", "up", "3", "--d").sort()).toEqual(["--directory", "--dry-run"]);
    expect(complete("agent", "list", "--dry")).toEqual([]);
  });

  test("agents, asked of devkit itself, where one may stand", () => {
    for (const words of [["exec"], ["shell"], ["agent", "up"], ["agent", "down"], ["agent", "down", "1"]]) {
      expect(complete(...words, "agent-1")).toEqual(["agent-1", "agent-10"]);
    }
    expect(complete("doctor", "agent-1")).toEqual([]);
  });

  test("overlays, asked of devkit itself, where one may stand", () => {
    expect(complete("overlay", "show", "s")).toEqual(["small"]);
    expect(complete("-p", "")).toEqual(["node", "small"]);
    expect(complete("agent", "up", "3", "--overlay", "n")).toEqual(["node"]);
    expect(complete("overlay", "create", "n")).toEqual([]);
  });

  test("the choices of an argument", () => {
    expect(
      complete("completion", "")
        .filter((word) => !word.startsWith("-"))
        .sort(),
    ).toEqual(["bash", "fish", "zsh"]);
  });

  test("after global switches too", () => {
    expect(complete("--json", "agent", "li")).toEqual(["list"]);
    expect(complete("agent", "--json", "li")).toEqual(["list"]);
  });

  test("after global options with a value too", () => {
    expect(complete("-p", "small", "agent", "li")).toEqual(["list"]);
    expect(complete("-C", "/src/agent", "agent", "li")).toEqual(["list"]);
  });

  test("without devkit on the path offers the words all the same", () => {
    expect(complete("agent", "down", "--js")).toEqual(["--json"]);
  });
});

describe.each(["bash", "zsh", "fish"] as const)("the script for %s", (shell) => {
  const script = completionScript(shell, TABLE);

  test("says what made it, and knows every command and global option", () => {
    expect(script).toContain(`devkit completion ${shell}`);
    for (const { path: words } of COMMANDS) expect(script).toContain(words.split(" ").at(-1));
    if (shell !== "zsh") {
      for (const { flags } of GLOBAL_OPTIONS) expect(script).toContain(/--([a-z-]+)/.exec(flags)?.[1]);
    }
  });

  test("quotes what people wrote", () => {
    const odd = {
      ...TABLE,
      commands: [{ path: "odd", summary: `it's "odd": $(touch x) \`y\` \\`, options: {}, arguments: [] }],
      groups: {},
    };
    const text = completionScript(shell, odd);
    if (shell === "bash") expect(text).not.toContain("touch");
    if (shell === "zsh") expect(text).toContain(`'odd:it'\\''s "odd"\\: $(touch x)`);
    if (shell === "fish") expect(text).toContain(`'it\\'s "odd": $(touch x) \`y\` \\\\'`);
  });
});

test("the script for bash is one bash can read", () => {
  execFileSync("bash", ["-n", path.join(dir, "completion.bash")]);
});
