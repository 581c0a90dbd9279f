import type { Settings } from "../settings/settings.js";

/** The programs that devkit sets up in agents and can try. */
export const TOOLS = ["codex", "claude"] as const;

export type Tool = (typeof TOOLS)[number];

/** What people call them. */
export const TOOL_TITLES: Readonly<Record<Tool, string>> = { codex: "Codex", claude: "Claude Code" };

const PACKAGES: Readonly<Record<Tool, string>> = {
  codex: "@openai/codex",
  claude: "@anthropic-ai/claude-code",
};

/** Whether an agent's image gets it, by whatever overlay and in whatever version. */
export function hasTool({ image }: Pick<Settings, "image">, tool: Tool): boolean {
  return image.npm.some((one) => one.startsWith(`${PACKAGES[tool]}@`));
}
