import { DevkitError } from "../../base/errors.js";
import { createTextSink } from "../../base/text-sink.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { gitOnlySpec, recordedImage, type ContainerSpec } from "../../domain/agents/container-spec.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { CONTAINER } from "../../domain/identity/names.js";
import type { ProjectDeps } from "../ports.js";

export interface AgentGitNeeds extends Pick<ProjectDeps, "engine"> {
  /** The container to run git in when the agent's own does not run. */
  readonly spec: (agent: AgentRef) => Promise<ContainerSpec>;
  /** Path of the git dir in the container, when it is that of a submodule. */
  readonly gitDir?: string;
}

export interface AgentGitRequest {
  readonly args: readonly string[];
  readonly stdin?: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  /** Also mount the worktree where no container runs, and work in it; without it only the private git dir is there. */
  readonly inWorktree?: boolean;
  readonly signal?: AbortSignal;
}

export interface AgentGitResult {
  readonly exitCode: number;
  /** The end of what it said on standard error: hostile text, to be shown quoted. */
  readonly complaint: string;
}

const COMPLAINT_LIMIT = 500;
/** For whoever brings no signal of their own: an agent can keep its git waiting for ever. */
const DEADLINE_MS = 120_000;

/**
 * Runs git on an agent's private git dir, where git may read what the agent wrote: in its container, or in one of the
 * same settings that lives just for this.
 */
export async function runAgentGit(
  needs: AgentGitNeeds,
  observed: ObservedAgent,
  { args, ...request }: AgentGitRequest,
): Promise<AgentGitResult> {
  // Where a submodule's settings say its files are need not be there.
  const ofModule = needs.gitDir === undefined ? [] : ["--work-tree=/"];
  const where =
    request.inWorktree === true ? [] : [`--git-dir=${needs.gitDir ?? CONTAINER.git}`, ...ofModule];
  return runInAgent(needs, observed, { argv: ["git", ...where, ...args], ...request });
}

/** Runs a shell script in the worktree, where several steps of git belong together. */
export function runAgentScript(
  needs: AgentGitNeeds,
  observed: ObservedAgent,
  { script, args, stdout }: { script: string; args: readonly string[]; stdout: NodeJS.WritableStream },
): Promise<AgentGitResult> {
  const argv = ["/bin/sh", "-c", script, "devkit", ...args];
  return runInAgent(needs, observed, { argv, stdout, inWorktree: true });
}

/** The same for another program that reads what the agent wrote. */
export async function runInAgent(
  needs: AgentGitNeeds,
  { agent, container }: ObservedAgent,
  {
    argv,
    stdin,
    stdout,
    inWorktree = false,
    signal = AbortSignal.timeout(DEADLINE_MS),
  }: Omit<AgentGitRequest, "args"> & { argv: readonly string[] },
): Promise<AgentGitResult> {
  const workdir = inWorktree ? CONTAINER.workspace : "/";
  const request = { argv, env: {}, workdir, tty: false };
  const complaints = createTextSink(COMPLAINT_LIMIT);
  const streams = { stdin, stdout, stderr: complaints.stream, signal };
  const once = async () => {
    const wanted = await needs.spec(agent);
    // What the settings ask for now may have to be built first, which is nothing that a look at commits waits for.
    const spec = { ...wanted, image: recordedImage(container?.config) ?? wanted.image };
    return needs.engine.runOnce(inWorktree ? spec : gitOnlySpec(spec), request, streams);
  };
  const run = () =>
    container?.state === "running" ? needs.engine.exec(container.id, request, streams) : once();
  const exitCode = await run().catch((error: unknown) => {
    if (!signal.aborted || !(signal.reason instanceof DOMException)) throw error;
    throw new DevkitError("E_TIMEOUT", `${argv[0] ?? ""} does not end inside the agent`, {
      hint: `look at what runs there: devkit exec ${String(agent.index)} -- ps`,
    });
  });
  return { exitCode, complaint: complaints.text().trim() };
}
