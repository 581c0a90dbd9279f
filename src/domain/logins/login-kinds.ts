import { parseClaudeLogin } from "./claude-login.js";
import { parseCodexLogin } from "./codex-login.js";
import type { LoginTool, ParsedLogin } from "./login.js";

/** What of a program's logins is its own; all else is the same for all programs. */
export interface LoginKind {
  readonly tool: LoginTool;
  /** As people call it. */
  readonly title: string;
  /** The program's directory in a home, by default. */
  readonly directory: string;
  /** The variable that names another one. */
  readonly variable: string;
  /** The file in that directory, and in one of a pool. */
  readonly file: string;
  /** How to log in, to be typed. */
  readonly logIn: string;
  readonly parse: (text: string) => ParsedLogin;
}

export const LOGIN_KINDS: Readonly<Record<LoginTool, LoginKind>> = {
  codex: {
    tool: "codex",
    title: "Codex",
    directory: ".codex",
    variable: "CODEX_HOME",
    file: "auth.json",
    logIn: "codex login",
    parse: parseCodexLogin,
  },
  claude: {
    tool: "claude",
    title: "Claude",
    directory: ".claude",
    variable: "CLAUDE_CONFIG_DIR",
    file: ".credentials.json",
    logIn: "claude /login",
    parse: parseClaudeLogin,
  },
};

/** Where an agent's home has it, relative to the home. */
export function loginFile({ directory, file }: LoginKind): string {
  return `${directory}/${file}`;
}
