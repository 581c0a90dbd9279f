import type { PushedBranch } from "../../app/ports-worktrees.js";
import { DevkitError } from "../../base/errors.js";
import { runProcess } from "../process/run-process.js";
import { gitEnv, SAFE, translateGitError } from "./run-git.js";

/** What reaching a remote as the user takes: their ssh agent, proxy, certificates and password helpers. */
const NETWORK = [
  /^SSH_(AUTH_SOCK|AGENT_PID|ASKPASS|ASKPASS_REQUIRE)$/,
  /^GIT_(SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|SSL_CAINFO|SSL_CAPATH|PROXY_SSL_CAINFO|HTTP_PROXY_AUTHMETHOD)$/,
  /^(HTTPS?|ALL|NO)_PROXY$/i,
  /^(SSL_CERT_FILE|SSL_CERT_DIR|DBUS_SESSION_BUS_ADDRESS|DISPLAY|WAYLAND_DISPLAY|XDG_RUNTIME_DIR|GNUPGHOME)$/,
];

function networkEnv(): Record<string, string> {
  const env = { ...gitEnv(), GIT_TERMINAL_PROMPT: "0" } as Record<string, string>;
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && NETWORK.some((pattern) => pattern.test(name))) env[name] = value;
  }
  return env;
}

/** Brings the remote-tracking refs up to date; nothing else changes, also not FETCH_HEAD. */
export async function fetchRemote(root: string, remote: string, signal: AbortSignal): Promise<void> {
  const flags = ["--quiet", "--no-write-fetch-head", "--no-recurse-submodules"];
  const args = ["fetch", ...flags, "--", remote];
  const result = await runProcess("git", [...SAFE, ...args], { cwd: root, env: networkEnv(), signal });
  if (result.exitCode !== 0) throw unreachable(remote, result.stderr, args);
}

/** Pushes each branch under its own name, in one go, never by force; what was refused is told for each. */
export async function pushBranches(
  root: string,
  remote: string,
  branches: readonly string[],
  signal: AbortSignal,
): Promise<PushedBranch[]> {
  const refs = branches.map((branch) => `refs/heads/${branch}:refs/heads/${branch}`);
  const args = ["push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", "--", remote, ...refs];
  const result = await runProcess("git", [...SAFE, ...args], { cwd: root, env: networkEnv(), signal });
  const told = result.stdout.split("\n").map((line) => line.split("\t"));
  const answers = branches.map((branch): PushedBranch | undefined => {
    const found = told.find(([, ref]) => ref === `refs/heads/${branch}:refs/heads/${branch}`);
    const [flag, , summary = ""] = found ?? [];
    if (flag === undefined) return undefined;
    return { branch, result: flag === "!" ? "refused" : flag === "=" ? "current" : "pushed", summary };
  });
  if (answers.includes(undefined)) throw unreachable(remote, result.stderr, args);
  return answers.filter((answer) => answer !== undefined);
}

function unreachable(remote: string, stderr: string, args: readonly string[]): DevkitError {
  const error = translateGitError(new Error(stderr || "failed"), args);
  if (error.code !== "E_GIT" && error.code !== "E_READ_ONLY") return error;
  return new DevkitError("E_GIT", error.message, {
    hint: `see whether git can reach it: git ls-remote ${remote}`,
    details: error.details,
    cause: error,
  });
}
