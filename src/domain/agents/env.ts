import { withoutCredentials } from "../identity/credentials.js";
import { CONTAINER } from "../identity/names.js";
import type { Project } from "../identity/project.js";
import type { AgentRef } from "./agent.js";

/** Directories of a new HOME, with their modes; the variables below point into them. */
export const HOME_DIRECTORIES: Readonly<Record<string, number>> = {
  ".ssh": 0o700,
  ".config": 0o700,
  ".cache": 0o755,
  ".local/share": 0o755,
  ".local/state": 0o755,
  ".codex": 0o700,
  ".codex/rollouts": 0o700,
  ".claude": 0o700,
};

/** The variables every agent container is created with. */
export function agentEnv(project: Project, agent: AgentRef): Record<string, string> {
  const home = CONTAINER.home;
  return {
    HOME: home,
    USER: CONTAINER.user,
    DEV_HOME: home,
    CODEX_HOME: `${home}/.codex`,
    CODEX_ROLLOUT_DIR: `${home}/.codex/rollouts`,
    CLAUDE_CONFIG_DIR: `${home}/.claude`,
    XDG_CONFIG_HOME: `${home}/.config`,
    XDG_CACHE_HOME: `${home}/.cache`,
    XDG_DATA_HOME: `${home}/.local/share`,
    XDG_STATE_HOME: `${home}/.local/state`,
    DEVKIT_PROJECT: project.id,
    DEVKIT_AGENT: agent.name,
    DEVKIT_AGENT_INDEX: String(agent.index),
  };
}

/** Variables of the user's terminal that one command in an agent gets; they are not the container's own. */
export function terminalEnv(
  host: Readonly<Partial<Record<string, string>>>,
  tty: boolean,
): Record<string, string> {
  const env: Record<string, string> = {};
  const pass = tty ? ["TERM", "COLORTERM", "NO_COLOR"] : ["NO_COLOR"];
  for (const name of pass) {
    const value = host[name];
    if (value !== undefined && value !== "") env[name] = value;
  }
  // The image has no locale but C.UTF-8; any other name would only make tools warn and fall back to ASCII.
  const locale = host["LC_ALL"] ?? host["LC_CTYPE"] ?? host["LANG"] ?? "";
  env["LANG"] = /utf-?8/i.test(locale) || locale === "" ? "C.UTF-8" : locale;
  return env;
}

const PROXY_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "FTP_PROXY"] as const;

/** The host's proxy settings, in both cases, without passwords unless `keepCredentials`. */
export function proxyEnv(
  host: Readonly<Partial<Record<string, string>>>,
  keepCredentials: boolean,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of PROXY_VARIABLES) {
    const value = host[name.toLowerCase()] ?? host[name];
    if (value === undefined || value === "") continue;
    const shown = keepCredentials ? value : withoutCredentials(value);
    env[name] = shown;
    env[name.toLowerCase()] = shown;
  }
  return env;
}
