import * as v from "valibot";
import { agentRef, failed, nine, ok, text, usage, type CommandPins } from "./json-shapes.js";

const pins = (tool: "codex" | "claude", model: string): CommandPins => ({
  success: [
    ok(
      [`${tool}-test`, "1"],
      v.strictObject({
        ...{ ...agentRef, tool: v.literal(tool), model: v.literal(model) },
        seconds: v.pipe(v.number(), v.minValue(0)),
      }),
    ),
  ],
  failure: [
    { args: [`${tool}-test`, "1", "--timeout", "soon"], ...usage },
    nine([`${tool}-test`]),
    {
      args: [`${tool}-test`, "2"],
      exitCode: 3,
      shape: failed("E_CLI_MISSING", 3, {
        ...{
          agent: v.literal("agent-2"),
          tool: v.literal(tool),
          reason: v.literal("missing"),
          said: v.nullable(text),
        },
      }),
    },
  ],
});

/** Agent 1 has programs of these names that say what the real ones say; no other agent has any. */
export const TOOL_PINS: Readonly<Record<string, CommandPins>> = {
  "codex-test": pins("codex", "gpt-x"),
  "claude-test": pins("claude", "claude-x"),
};

/** What installs them in an agent: a script for a shell. */
export const FAKE_TOOLS = [
  "mkdir -p ~/.local/bin && cd ~/.local/bin",
  `printf '#!/bin/sh\\necho model=gpt-x >&2\\necho %s\\n' "'{\\"type\\":\\"turn.completed\\"}'" > codex`,
  `printf '#!/bin/sh\\necho %s\\n' "'{\\"type\\":\\"result\\",\\"is_error\\":false,\\"modelUsage\\":{\\"claude-x\\":{}}}'" > claude`,
  "chmod 755 codex claude",
].join("\n");
