import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { agentRef, failed, nine, ok, some, text, type CommandPins } from "./json-shapes.js";

/** Of `config show`. */
export const passEnv = v.array(v.strictObject({ name: text, set: v.boolean() }));

const time = v.nullable(v.pipe(v.string(), v.isoTimestamp()));
const kind = v.picklist(["api-key", "chatgpt", "oauth"]);
const account = v.nullable(text);
const slot = v.nullable(text);
const shown = v.strictObject({
  ...agentRef,
  kind: v.nullable(kind),
  account,
  refreshed: time,
  expires: time,
  state: v.nullable(v.picklist(["valid", "due", "over"])),
  slot,
  pool: slot,
  sharedWith: v.array(text),
});
const seeded = v.strictObject({ ...agentRef, kind, account, slot, changed: v.boolean() });

/** Logins that can be in any number of places: files to import, and directories with one of the user's own. */
export async function writePinnedLogins(repo: string): Promise<void> {
  const codex = JSON.stringify({ OPENAI_API_KEY: "sk-pinned" });
  const claude = JSON.stringify({
    claudeAiOauth: { accessToken: "at-pinned", refreshToken: null, expiresAt: 4_000_000_000_000, scopes: [] },
  });
  for (const [tool, file, text] of [
    ["codex", "auth.json", codex],
    ["claude", ".credentials.json", claude],
  ] as const) {
    await writeFile(path.join(repo, `${tool}-login.json`), text);
    await mkdir(path.join(repo, `${tool}-home`));
    await writeFile(path.join(repo, `${tool}-home`, file), text);
  }
}

/** What `writePinnedLogins` wrote; `reseed` finds the user's own in the directory that the variable names. */
function pinsOf(tool: "codex" | "claude", variable: string): Record<string, CommandPins> {
  const auth = `${tool}-auth`;
  const file = `${tool}-login.json`;
  return {
    [`${auth} import`]: {
      success: [
        ok([auth, "import", file, "1"], v.strictObject({ ...agentRef, kind, account, changed: v.boolean() })),
      ],
      failure: [
        nine([auth, "import", file]),
        {
          args: [auth, "import", "README.md", "1"],
          exitCode: 2,
          shape: failed("E_LOGIN", 2, { file: v.literal("README.md") }),
        },
      ],
    },
    [`${auth} show`]: {
      success: [ok([auth, "show"], v.strictObject({ agents: some(shown) }))],
      failure: [nine([auth, "show"])],
    },
    [`${auth} clear`]: {
      success: [
        ok(
          [auth, "clear", "1"],
          v.strictObject({ agents: some(v.strictObject({ ...agentRef, removed: v.boolean(), slot })) }),
        ),
      ],
      failure: [nine([auth, "clear"])],
    },
    [`${auth} reseed`]: {
      success: [
        {
          ...ok([auth, "reseed", "1"], v.strictObject({ agents: some(seeded) })),
          env: { [variable]: `${tool}-home` },
        },
      ],
      failure: [
        {
          args: [auth, "reseed", "1"],
          exitCode: 4,
          shape: failed("E_LOGIN_MISSING", 4, {
            failed: some(
              v.strictObject({ agent: agentRef.name, code: v.literal("E_LOGIN_MISSING"), message: text }),
            ),
          }),
        },
      ],
    },
  };
}

export const LOGIN_PINS: Readonly<Record<string, CommandPins>> = {
  ...pinsOf("codex", "CODEX_HOME"),
  ...pinsOf("claude", "CLAUDE_CONFIG_DIR"),
};
