import { CONTAINER, EGRESS } from "../identity/names.js";
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
    DEVKIT_POLICY: `${CONTAINER.policy}/egress.txt`,
    ...egressEnv(),
  };
}

/** How programs find the way out: those that read the usual variables, Node's own fetch, and every JVM. */
function egressEnv(): Record<string, string> {
  const proxy = `http://${EGRESS.host}:${String(EGRESS.port)}`;
  const near = ["localhost", "127.0.0.1", "::1"];
  const java = ["http", "https"].flatMap((scheme) => [
    `-D${scheme}.proxyHost=${EGRESS.host}`,
    `-D${scheme}.proxyPort=${String(EGRESS.port)}`,
  ]);
  return {
    HTTP_PROXY: proxy,
    http_proxy: proxy,
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    NO_PROXY: near.join(","),
    no_proxy: near.join(","),
    NODE_USE_ENV_PROXY: "1",
    JAVA_TOOL_OPTIONS: [...java, "-Dhttp.nonProxyHosts=localhost|127.*|[::1]"].join(" "),
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

/** Those of the user's variables that one command in an agent gets by name; they are not the container's own either. */
export function passedEnv(
  names: readonly string[],
  host: Readonly<Partial<Record<string, string>>>,
): Record<string, string> {
  const set = names.flatMap((name) => {
    const value = host[name];
    return value === undefined || value === "" ? [] : [[name, value] as const];
  });
  return Object.fromEntries(set);
}

const PROXY_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "FTP_PROXY"] as const;

/** The host's proxy settings, in both cases: for building images, which happens where the host is. */
export function proxyEnv(host: Readonly<Partial<Record<string, string>>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of PROXY_VARIABLES) {
    const value = host[name.toLowerCase()] ?? host[name];
    if (value === undefined || value === "") continue;
    env[name] = value;
    env[name.toLowerCase()] = value;
  }
  return env;
}
