import { parse } from "@iarna/toml";
import { describe, expect, test } from "vitest";
import { settingsForClaude, stateForClaude, trustForCodex } from "../../../../src/domain/tools/tool-files.js";
import { hasTool } from "../../../../src/domain/tools/tool.js";
import { DEFAULT_SETTINGS } from "../../../../src/domain/settings/settings.js";

const PLACES = ["/workspace", "/home/me/my repo/.devkit/agents/agent-1"];
const TABLE = { [PLACES[1] ?? ""]: { trust_level: "trusted" } };

test("an agent has a program when its image is built with it, in whatever version", () => {
  const image = { ...DEFAULT_SETTINGS.image, npm: ["@openai/codex@0.170.0", "claude-code@1.0.0"] };
  expect(hasTool({ image }, "codex")).toBe(true);
  expect(hasTool({ image }, "claude")).toBe(false);
});

describe("codex trusts the worktree under its other names", () => {
  test("in a new file, and after what is there, once", () => {
    const first = trustForCodex(undefined, PLACES) ?? "";
    expect(parse(first)).toEqual({ projects: TABLE });
    expect(trustForCodex(first, PLACES)).toBeUndefined();
    const added = trustForCodex('model = "mine" # kept\n[tui]\nx = 1', PLACES) ?? "";
    expect(added.startsWith('model = "mine" # kept\n[tui]\nx = 1\n')).toBe(true);
    expect(parse(added)).toEqual({ model: "mine", tui: { x: 1 }, projects: TABLE });
  });

  test("not where the agent has said something of it", () => {
    for (const key of [JSON.stringify(PLACES[1]), `'${PLACES[1] ?? ""}'`]) {
      expect(trustForCodex(`[projects.${key}]\ntrust_level = "untrusted"\n`, PLACES)).toBeUndefined();
    }
    expect(trustForCodex("projects = {}\n", PLACES)).toBeUndefined();
    const table = trustForCodex('[projects]\n"/x" = { trust_level = "trusted" }\n', PLACES) ?? "";
    expect(parse(table)["projects"]).toEqual({ "/x": { trust_level: "trusted" }, ...TABLE });
  });
});

test("nothing that an agent writes there takes long, or makes it fail", () => {
  const lines = "\n".repeat(200_000);
  expect(trustForCodex(lines, PLACES)?.startsWith(lines)).toBe(true);
  expect(trustForCodex(`${lines}  projects = {}`, PLACES)).toBeUndefined();
  const deep = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  expect(settingsForClaude(deep)).toBeUndefined();
  expect(stateForClaude(deep, PLACES)).toBeUndefined();
}, 5000);

describe("claude gets the keys that are missing", () => {
  test("and keeps those it has, in the order they have", () => {
    const mine = { permissions: { allow: ["Bash(ls)"], defaultMode: "plan" }, model: "opus" };
    const merged = JSON.parse(settingsForClaude(JSON.stringify(mine)) ?? "") as object;
    expect(merged).toMatchObject({ ...mine, skipDangerousModePermissionPrompt: true });
    expect(Object.keys(merged)).toEqual([
      "permissions",
      "model",
      "skipDangerousModePermissionPrompt",
      "hooks",
    ]);
    expect(JSON.parse(settingsForClaude(undefined) ?? "")).toMatchObject({
      permissions: { defaultMode: "bypassPermissions" },
    });
  });

  test("the dialogs are answered, for every name of the worktree; twice is once", () => {
    const before = {
      userID: "u",
      projects: { "/workspace": { hasTrustDialogAccepted: false, history: [1] } },
    };
    const text = stateForClaude(JSON.stringify(before), PLACES) ?? "";
    expect(JSON.parse(text)).toMatchObject({
      ...{ userID: "u", hasCompletedOnboarding: true },
      projects: {
        "/workspace": { hasTrustDialogAccepted: false, history: [1] },
        [PLACES[1] ?? ""]: { hasTrustDialogAccepted: true },
      },
    });
    expect(stateForClaude(text, PLACES)).toBeUndefined();
  });

  test.each(["{", "[]", "null", '{"a": 1, // no\n}'])("%s is nothing to add to", (text) => {
    expect(settingsForClaude(text)).toBeUndefined();
    expect(stateForClaude(text, PLACES)).toBeUndefined();
  });

  test("a table that is something else there stays that", () => {
    expect(JSON.parse(settingsForClaude('{"permissions": null}') ?? "")).toMatchObject({ permissions: null });
    const odd = stateForClaude('{"__proto__": {"x": 1}, "projects": 1}', PLACES) ?? "";
    expect(JSON.parse(odd)).toMatchObject({ projects: 1 });
  });

  test("the pool as tools is one server more, and no other of that name is touched", () => {
    const own = { command: "mine" };
    const devkit = { type: "stdio", command: "devkit", args: ["mcp"], env: {} };
    const serversAfter = (state: object) =>
      (JSON.parse(stateForClaude(JSON.stringify(state), PLACES) ?? "") as Record<string, unknown>)[
        "mcpServers"
      ];
    expect(serversAfter({})).toEqual({ devkit });
    expect(serversAfter({ mcpServers: { own } })).toEqual({ own, devkit });
    expect(serversAfter({ mcpServers: { devkit: own } })).toEqual({ devkit: own });
    expect(serversAfter({ mcpServers: [] })).toEqual([]);
  });
});
