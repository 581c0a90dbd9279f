import path from "node:path";
import { DevkitError } from "../../base/errors.js";
import { shellWord } from "../../base/shell-word.js";
import { quoteText, showText } from "../../base/show-text.js";
import { createTextSink } from "../../base/text-sink.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { isSafeRefName } from "../../domain/custody/refs.js";
import { parseGitConfigList } from "../../domain/custody/git-config.js";
import { withoutSecrets } from "../../domain/identity/credentials.js";
import { CONTAINER } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import { convertRemote, type RemoteForm } from "../../domain/ssh/remote-url.js";
import type { SshHost } from "../../domain/ssh/ssh-host.js";
import { runInAgent, type AgentGitNeeds, type AgentGitResult } from "../custody/agent-git.js";
import type { ProjectDeps } from "../ports.js";

export const REMOTE = "origin";

/** A repository in an agent as its own git sees it: all of it is what the agent wrote. */
export interface AgentRepository {
  /** Container path. */
  readonly directory: string;
  /** It is the agent's worktree, not a submodule or another repository in it. */
  readonly isWorktree: boolean;
  /** Full name; undefined: HEAD is detached. */
  readonly ref: string | undefined;
  /** The commit that HEAD is at; undefined: there is none yet. */
  readonly tip: string | undefined;
  /** What `origin` is pushed to, and the setting that says so. */
  readonly remote: { readonly key: string; readonly url: string } | undefined;
}

/** `origin` as it is, and as it should be written. */
export interface RemoteChange {
  readonly key: string;
  readonly before: string;
  readonly url: string;
  readonly host: SshHost;
}

export interface ShellRequest {
  readonly script: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

type Needs = AgentGitNeeds & Pick<ProjectDeps, "project">;

const NO_DIRECTORY = 66;
const NO_REPOSITORY = 67;
/** Settings and answers of git; more is not read. */
const OUTPUT_LIMIT = 65_536;

/** $1 or else $2: the directory; $3: the git dir of the worktree itself. */
const LOOK = `
cd -- "$1" 2>/dev/null || { [ -n "$2" ] && cd -- "$2" 2>/dev/null; } || exit ${String(NO_DIRECTORY)}
git=$(git rev-parse --absolute-git-dir 2>/dev/null) || exit ${String(NO_REPOSITORY)}
own=; [ "$git" = "$3" ] && own=yes
printf '%s\\0' "$(pwd)" "$own" "$(git symbolic-ref -q HEAD)" "$(git rev-parse -q --verify HEAD)"
git config -z --get-regexp '^remote\\.${REMOTE}\\.(push)?url$' || true
`;

/**
 * Finds the repository at a directory of the worktree, or at a container path. The name of the repository's own directory
 * means the worktree, where it has none of that name. @throws DevkitError E_PATH_NOT_FOUND
 */
export async function findRepository(
  needs: Needs,
  observed: ObservedAgent,
  directory: string,
): Promise<AgentRepository> {
  const { agent } = observed;
  const target = path.posix.resolve(CONTAINER.workspace, directory);
  const names = [needs.project.name, path.basename(agentPaths(needs.project, agent).worktree)];
  const other = names.includes(directory.replace(/\/+$/, "")) ? CONTAINER.workspace : "";
  const { exitCode, output, complaint } = await runShell(needs, observed, {
    script: LOOK,
    args: [target, other, CONTAINER.git],
  });
  if (exitCode === NO_DIRECTORY || exitCode === NO_REPOSITORY) {
    const what = exitCode === NO_DIRECTORY ? "has no directory" : "has no repository at";
    throw new DevkitError("E_PATH_NOT_FOUND", `${agent.name} ${what} ${target}`, {
      hint: `look what there is: devkit exec ${String(agent.index)} -- ls`,
      details: { agent: agent.name, path: target },
    });
  }
  if (exitCode !== 0) throw gitFailure(agent, "git cannot look at the repository", complaint);
  const [at = "", own = "", ref = "", tip = "", ...rest] = output.split("\0");
  return {
    directory: at,
    isWorktree: own !== "",
    ref: ref.startsWith("refs/heads/") && isSafeRefName(ref) ? ref : undefined,
    tip: tip === "" ? undefined : tip,
    remote: pickRemote(agent, at, rest.join("\0")),
  };
}

/** Where a push goes: `pushurl` if there is one. @throws DevkitError E_REMOTE_URL for several */
function pickRemote(agent: AgentRef, directory: string, settings: string): AgentRepository["remote"] {
  const entries = parseGitConfigList(settings);
  const pushes = entries.filter(({ key }) => key.endsWith(".pushurl"));
  const [first, ...others] = pushes.length > 0 ? pushes : entries;
  if (first === undefined) return undefined;
  if (others.length === 0) return { key: first.key, url: first.value };
  throw new DevkitError("E_REMOTE_URL", `${REMOTE} of ${agent.name} leads to more than one place`, {
    hint: `leave it one: ${gitAt(agent, directory, "config", "--get-all", first.key)}`,
    details: { agent: agent.name, urls: [first, ...others].map(({ value }) => withoutSecrets(value)) },
  });
}

/** @throws DevkitError E_NO_REMOTE, E_REMOTE_URL */
export function requireRemote(
  agent: AgentRef,
  { remote, directory }: AgentRepository,
  form: RemoteForm,
  hosts: readonly SshHost[],
): RemoteChange {
  const example = "https://github.com/OWNER/REPO.git";
  const details = { agent: agent.name, path: directory };
  if (remote === undefined) {
    throw new DevkitError(
      "E_NO_REMOTE",
      `the repository ${showText(directory)} of ${agent.name} has no remote ${REMOTE}`,
      {
        hint: `add it: ${gitAt(agent, directory)} remote add ${REMOTE} ${example}`,
        details,
      },
    );
  }
  const converted = convertRemote(remote.url, form, hosts);
  if (converted.ok) return { ...remote, before: remote.url, url: converted.url, host: converted.host };
  const { reason, host } = converted.problem;
  const url = withoutSecrets(remote.url);
  throw new DevkitError("E_REMOTE_URL", `${REMOTE} of ${agent.name}, ${quoteText(url)}, ${reason}`, {
    hint:
      host === undefined
        ? `give it one that is: ${gitAt(agent, directory)} remote set-url ${REMOTE} ${example}`
        : `say where its ssh is on port 443, in devkit.toml: [ssh] hosts = { ${JSON.stringify(host)} = "ssh.${host}" }`,
    details: { ...details, url, host: host ?? null },
  });
}

/** Writes the URL into the agent's own settings; the host's repository is another. */
export async function writeRemote(
  needs: Needs,
  observed: ObservedAgent,
  { directory }: AgentRepository,
  { key, url }: RemoteChange,
): Promise<void> {
  const { exitCode, complaint } = await runShell(needs, observed, {
    script: 'cd -- "$1" && git config --replace-all "$2" "$3"',
    args: [directory, key, url],
  });
  if (exitCode !== 0) throw gitFailure(observed.agent, `cannot change ${REMOTE}`, complaint);
}

/** A script in the agent, or in a container like its own where none runs, that asks nobody and speaks English. */
export async function runShell(
  needs: Needs,
  observed: ObservedAgent,
  { script, args, env = {}, signal }: ShellRequest,
): Promise<AgentGitResult & { readonly output: string }> {
  const output = createTextSink(OUTPUT_LIMIT);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const result = await runInAgent(needs, observed, {
    argv: [
      "env",
      "LC_ALL=C",
      "GIT_TERMINAL_PROMPT=0",
      ...variables,
      "/bin/sh",
      "-c",
      script,
      "devkit",
      ...args,
    ],
    stdout: output.stream,
    inWorktree: true,
    ...(signal === undefined ? {} : { signal }),
  });
  return { ...result, output: output.text() };
}

/** git there, to be typed. The words can be the agent's. */
export function gitAt(agent: AgentRef, directory: string, ...words: string[]): string {
  const where = directory === CONTAINER.workspace ? [] : ["-C", directory];
  return ["devkit", "exec", String(agent.index), "--", "git", ...where, ...words].map(shellWord).join(" ");
}

export function gitFailure(agent: AgentRef, what: string, complaint: string): DevkitError {
  const [last = ""] = complaint.split("\n").slice(-1);
  return new DevkitError("E_GIT", `${what} in ${agent.name}${last === "" ? "" : `: ${quoteText(last)}`}`, {
    hint: `look at it from inside: ${gitAt(agent, CONTAINER.workspace)} status`,
    details: { agent: agent.name, ...(complaint === "" ? {} : { excerpt: complaint }) },
  });
}
