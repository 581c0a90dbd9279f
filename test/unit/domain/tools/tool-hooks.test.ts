import { parse } from "@iarna/toml";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { settingsForClaude } from "../../../../src/domain/tools/tool-files.js";
import {
  CLAUDE_HOOKS,
  CODEX_HOOKS,
  HOOK_SECONDS,
  hookCommand,
  withClaudeHooks,
} from "../../../../src/domain/tools/tool-hooks.js";

type Hooks = Record<string, { matcher?: string; hooks: { command: string; timeout: number }[] }[]>;

const after = (settings: object): Hooks =>
  (JSON.parse(settingsForClaude(JSON.stringify(settings)) ?? "{}") as { hooks: Hooks }).hooks;

describe("claude", () => {
  test("tells what it is at, once", () => {
    const hooks = after({});
    expect(Object.keys(hooks).sort()).toEqual([...new Set(CLAUDE_HOOKS.map(({ event }) => event))].sort());
    expect(hooks["Notification"]).toHaveLength(2);
    expect(hooks["Stop"]).toEqual([
      {
        hooks: [
          {
            type: "command",
            command: "{ devkit event waiting --detail 'its turn has ended'; cat; } > /dev/null 2>&1",
            timeout: 3,
          },
        ],
      },
    ]);
    const all = settingsForClaude(undefined);
    expect(settingsForClaude(all)).toBeUndefined();
  });

  test("keeps hooks of its own, before ours, and one that tells something else of an event", () => {
    const own = { matcher: "Bash", hooks: [{ type: "command", command: "mine" }] };
    const told = { hooks: [{ type: "command", command: "devkit event idle --detail mine" }] };
    const hooks = after({ hooks: { Stop: [own], SessionEnd: [told], Elicitation: [own] } });
    expect(hooks["Stop"]?.[0]).toEqual(own);
    expect(hooks["Stop"]).toHaveLength(2);
    expect(hooks["SessionEnd"]).toEqual([told]);
    expect(hooks["Elicitation"]).toEqual([own]);
  });

  test.each([[[]], [{ Stop: "mine" }], [{ Stop: [null, 1, { hooks: "x" }, { hooks: [null] }] }]])(
    "goes on with what is no hook: %j",
    (hooks) => {
      const found = withClaudeHooks({ hooks })["hooks"] as Hooks;
      if (Array.isArray(hooks)) expect(found).toEqual(hooks);
      else expect(JSON.stringify(found)).toContain(JSON.stringify(hooks.Stop).slice(0, -1));
    },
  );
});

test("codex tells it by the image's own settings, which leave `notify` to the user", () => {
  const file = path.resolve(import.meta.dirname, "../../../../docker/agent/codex.toml");
  const settings = parse(readFileSync(file, "utf8")) as unknown as { hooks: Hooks; notify?: unknown };
  const expected = CODEX_HOOKS.map((hook) => [
    hook.event,
    [
      {
        ...(hook.matcher === undefined ? {} : { matcher: hook.matcher }),
        hooks: [{ type: "command", timeout: HOOK_SECONDS, command: hookCommand(hook) }],
      },
    ],
  ]);
  expect(settings.hooks).toEqual(Object.fromEntries(expected));
  expect(settings.notify).toBeUndefined();
});

test("a hook never fails, says nothing, and reads what it gets, also where devkit is not", () => {
  const input = "x".repeat(3_000_000);
  for (const hook of [...CLAUDE_HOOKS, ...CODEX_HOOKS]) {
    const options = { input, env: { PATH: "/usr/bin:/bin" }, encoding: "utf8" } as const;
    const ran = spawnSync("sh", ["-c", hookCommand(hook)], options);
    expect(ran).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(ran.error).toBeUndefined();
  }
});
