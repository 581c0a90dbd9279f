import type { Tool } from "./tool.js";

const PROMPT = "Answer with the one word done, and use no tools.";

/** After the deadline the program gets so long to end by itself. */
const GRACE_SECONDS = 2;

/**
 * The command that puts one question to a program's model and keeps nothing of it in the agent's history. It ends by
 * itself when the time is up: with 124, or 137 where it had to be killed.
 */
export function turnCommand(tool: Tool, seconds: number): string[] {
  const deadline = ["timeout", "-k", String(GRACE_SECONDS), String(seconds)];
  return { codex: codexCommand, claude: claudeCommand }[tool](deadline, seconds);
}

function codexCommand(deadline: readonly string[]): string[] {
  // Nothing but its log tells the model.
  const log = "RUST_LOG=error,codex_otel=info";
  return ["env", log, ...deadline, "codex", "exec", "--json", "--ephemeral", PROMPT];
}

function claudeCommand(deadline: readonly string[], seconds: number): string[] {
  // By itself it tries for many minutes, silently.
  const env = ["CLAUDE_CODE_MAX_RETRIES=0", `API_TIMEOUT_MS=${String(Math.max(1000, (seconds - 3) * 1000))}`];
  const options = ["--output-format", "json", "--no-session-persistence", "--tools", ""];
  return ["env", ...env, ...deadline, "claude", "-p", PROMPT, ...options];
}
