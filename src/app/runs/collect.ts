import { setTimeout as sleep } from "node:timers/promises";
import { finished } from "node:stream/promises";
import type { Writable } from "node:stream";
import { DevkitError, toDevkitError } from "../../base/errors.js";
import { formatSize } from "../../base/sizes.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { agentRefPrefix, detachedRef } from "../../domain/identity/names.js";
import { agentPaths } from "../../domain/identity/project.js";
import type { AuditEntry } from "../../domain/egress/audit.js";
import { diskOf } from "../../domain/limits/agent-usage.js";
import type { AgentResult } from "../../domain/runs/run-result.js";
import { diffAgents, writeAgentPatch, type AgentDiff } from "../custody/diff-agents.js";
import { readAudit } from "../egress/read-audit.js";
import type { Proof } from "../ports-runs.js";
import { PROOF_LIMIT, writeStashes, writeUntracked } from "./collect-loose.js";
import type { RunDeps } from "./run-deps.js";

/** How long an agent's files are counted at most. */
const MEASURE_MS = 2000;

export interface CollectRequest {
  readonly agent: AgentRef;
  readonly containerId: string;
  /** Where all agents of the run began. */
  readonly base: string;
  readonly proof: Proof | undefined;
  /** Gets what could not be collected, and why. */
  readonly problems: string[];
}

export type Collection = Pick<
  AgentResult,
  "commits" | "changedFiles" | "egress" | "peakMemory" | "diskBytes"
> & {
  readonly patch: string | undefined;
  readonly bundle: string | undefined;
  readonly untracked: string | undefined;
  readonly stashes: string | undefined;
  readonly audit: string | undefined;
};

/** Stops an agent, so that nothing of it changes any more, and gathers what it has done. Never throws for one agent's trouble. */
export async function collect(deps: RunDeps, request: CollectRequest): Promise<Collection> {
  const { agent, containerId, proof, problems } = request;
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> =>
    work().catch((error: unknown) => {
      problems.push(`${what}: ${toDevkitError(error).message}`);
      return undefined;
    });
  const audited = sleep(deps.auditMs);
  const usage = await attempt("its use of memory and disk is not known", () =>
    deps.engine.findUsage(containerId),
  );
  await attempt("it could not be stopped", () => deps.engine.stopContainer(containerId));
  const files = await attempt("its files were not measured", () =>
    deps.homeCare.measureAll(agentPaths(deps.project, agent), performance.now() + MEASURE_MS),
  );
  const diff = await attempt("its commits and changes were not collected", () => compare(deps, request));
  const patch = diff && (await attempt("its patch was not written", () => writePatch(deps, diff, request)));
  const bundle = diff && (await attempt("its commits were not written", () => writeBundle(deps, request)));
  const untracked =
    diff &&
    proof &&
    (await attempt("its untracked files were not written", () =>
      writeUntracked(deps, request, diff.untracked),
    ));
  const stashes = proof && (await attempt("its stashes were not written", () => writeStashes(deps, request)));
  await audited;
  const entries = await attempt("its egress log was not read", () =>
    readAudit(deps, { selector: agent.name, denied: false }),
  );
  const audit = await attempt("its egress log was not written", () => writeAudit(entries ?? [], request));
  const layer = usage?.layerBytes;
  return {
    commits: diff?.commits ?? [],
    changedFiles: new Set([...(diff?.files ?? []), ...(diff?.untracked ?? [])]).size,
    egress: countVerdicts(entries ?? []),
    peakMemory: usage?.peakMemory,
    diskBytes: files === undefined ? layer : diskOf({ ...files, layer }).bytes,
    ...{ patch, bundle, untracked, stashes, audit },
  };
}

async function compare(deps: RunDeps, { agent, base, problems }: CollectRequest): Promise<AgentDiff> {
  const [diff] = await diffAgents(deps, { selectors: [agent.name], base, spec: deps.spec });
  if (diff === undefined) throw new Error(`${agent.name} is gone`);
  if (diff.error !== undefined) problems.push(`not all its commits came home: ${diff.error.message}`);
  return diff;
}

/** Undefined: there is nothing to be written, or nowhere. */
async function writePatch(
  deps: RunDeps,
  diff: AgentDiff,
  { agent, proof }: CollectRequest,
): Promise<string | undefined> {
  if (proof === undefined || diff.files.length === 0) return undefined;
  const file = `agents/${agent.name}/changes.patch`;
  // git has a file in memory whole when it writes a patch of it, and an agent makes one of any size with a word.
  const { worktree } = diff;
  const size = worktree === undefined ? 0 : await deps.runHost.sizeOf(worktree, diff.uncommitted);
  if (size > PROOF_LIMIT)
    throw new DevkitError("E_FILE", `what it has changed is larger than ${formatSize(PROOF_LIMIT)}`);
  await writeWith(proof, file, (sink) => writeAgentPatch(deps, { ...diff, untracked: [] }, sink));
  return file;
}

async function writeBundle(
  deps: RunDeps,
  { agent, base, proof }: CollectRequest,
): Promise<string | undefined> {
  if (proof === undefined) return undefined;
  const own = await deps.refs.list(agentRefPrefix(agent).slice(0, -1), detachedRef(agent));
  const refs: string[] = [];
  for (const [ref, oid] of own) if ((await deps.merges.commitsSince(base, oid)).length > 0) refs.push(ref);
  if (refs.length === 0) return undefined;
  const file = `agents/${agent.name}/commits.bundle`;
  await writeWith(proof, file, (sink) => deps.runHost.writeBundle(refs, base, sink));
  return file;
}

async function writeWith(
  proof: Proof,
  file: string,
  write: (sink: Writable) => Promise<void>,
): Promise<void> {
  const sink = await proof.open(file);
  const isWhole = finished(sink);
  isWhole.catch(() => undefined);
  try {
    await write(sink);
    sink.end();
    await isWhole;
  } catch (error) {
    sink.destroy();
    await proof.remove(file);
    throw error;
  }
}

async function writeAudit(
  entries: readonly AuditEntry[],
  { agent, proof }: CollectRequest,
): Promise<string | undefined> {
  if (proof === undefined) return undefined;
  const file = `agents/${agent.name}/egress.ndjson`;
  await proof.write(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  return file;
}

function countVerdicts(entries: readonly AuditEntry[]): AgentResult["egress"] {
  const count = (verdict: AuditEntry["verdict"]) =>
    entries.filter((entry) => entry.verdict === verdict).reduce((sum, entry) => sum + entry.count, 0);
  return { allowed: count("allowed"), denied: count("denied"), failed: count("failed") };
}
