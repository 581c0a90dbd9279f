import { quoteText } from "../../base/show-text.js";
import { PassThrough, Readable } from "node:stream";
import { DevkitError, isDevkitError } from "../../base/errors.js";
import type { ObservedAgent } from "../../domain/agents/observed.js";
import { refuseRef, type RefusedRef } from "../../domain/custody/refs.js";
import type { RefUpdate } from "../../domain/custody/sync-plan.js";
import type { TakenCommits } from "../ports-history.js";
import type { CustodyPolicy, History } from "../ports.js";
import { runAgentGit, type AgentGitNeeds } from "./agent-git.js";

export interface FetchNeeds extends AgentGitNeeds {
  readonly history: Pick<History, "take" | "connected" | "faults">;
  readonly policy: CustodyPolicy;
  /** How long the agent's git may be silent. */
  readonly patienceMs: number;
}

export interface Fetched {
  /** What can have its ref now; an agent that went on meanwhile may be further than it was. */
  readonly updates: readonly RefUpdate[];
  readonly refused: readonly RefusedRef[];
}

/** `git bundle` leaves out a ref that moves while it writes, and fails when no other is left. */
const ATTEMPTS = 5;
/** More than this many branches are not tried one by one when they are refused together. */
const MAX_ONE_BY_ONE = 64;

/** Brings the commits of these refs here, as far as they are not; `known`: commits that both sides have. */
export async function fetchCommits(
  needs: FetchNeeds,
  observed: ObservedAgent,
  updates: readonly RefUpdate[],
  known: readonly string[],
): Promise<Fetched> {
  const here = await needs.history.connected(updates.map((update) => update.oid));
  const missing = updates.filter((update) => !here.has(update.oid));
  const present = await judge(
    needs,
    updates.filter((update) => here.has(update.oid)),
  );
  if (missing.length === 0) return present;
  const fetched = await fetchMissing(needs, observed, missing, known);
  return {
    updates: [...present.updates, ...fetched.updates],
    refused: [...present.refused, ...fetched.refused],
  };
}

/** That a commit is here says nothing of how it came: it can have been sent beside what was asked for. */
async function judge(needs: FetchNeeds, present: readonly RefUpdate[]): Promise<Fetched> {
  if (present.length === 0) return NOTHING;
  const oids = [...new Set(present.map((update) => update.oid))];
  const faults = await needs.history.faults(oids, () => needs.policy.allowsGitlinks());
  return {
    updates: present.filter((update) => !faults.has(update.oid)),
    refused: present.flatMap((update) => {
      const reason = faults.get(update.oid);
      return reason === undefined ? [] : [refuseRef(update.from, reason)];
    }),
  };
}

/** All in one bundle; if that is refused, each in its own, so that one bad branch does not keep the others away. */
async function fetchMissing(
  needs: FetchNeeds,
  observed: ObservedAgent,
  missing: readonly RefUpdate[],
  known: readonly string[],
): Promise<Fetched> {
  try {
    return await fetchAgain(needs, observed, missing, known);
  } catch (error) {
    const isRefused = isDevkitError(error) && error.code === "E_PACK_REFUSED";
    if (!isRefused || missing.length === 1 || missing.length > MAX_ONE_BY_ONE) throw error;
  }
  const parts: Fetched[] = [];
  for (const update of missing) parts.push(await fetchOne(needs, observed, update, known));
  return { updates: parts.flatMap((part) => part.updates), refused: parts.flatMap((part) => part.refused) };
}

async function fetchOne(
  needs: FetchNeeds,
  observed: ObservedAgent,
  update: RefUpdate,
  known: readonly string[],
): Promise<Fetched> {
  try {
    return await fetchAgain(needs, observed, [update], known);
  } catch (error) {
    if (!isDevkitError(error) || error.code !== "E_PACK_REFUSED") throw error;
    return { updates: [], refused: [refuseRef(update.from, error.message)] };
  }
}

/** Asks for what did not come once more, as an agent that goes on committing needs. */
async function fetchAgain(
  needs: FetchNeeds,
  observed: ObservedAgent,
  asked: readonly RefUpdate[],
  known: readonly string[],
  attempt = 1,
): Promise<Fetched> {
  const taken = await transfer(needs, observed, asked, known).catch((error: unknown) => {
    if (attempt < ATTEMPTS && isDevkitError(error) && error.code === "E_GIT") return undefined;
    throw error;
  });
  const isThere = ({ from }: RefUpdate) => taken?.tips.has(from) === true;
  const left = asked.filter((update) => !isThere(update));
  if (taken === undefined || (left.length > 0 && attempt < ATTEMPTS)) {
    const got = taken === undefined ? NOTHING : settle(asked.filter(isThere), taken);
    const rest = await fetchAgain(needs, observed, left, known, attempt + 1);
    return { updates: [...got.updates, ...rest.updates], refused: [...got.refused, ...rest.refused] };
  }
  return settle(asked, taken);
}

const NOTHING: Fetched = { updates: [], refused: [] };

function settle(asked: readonly RefUpdate[], { tips, refused }: TakenCommits): Fetched {
  const updates: RefUpdate[] = [];
  const kept: RefusedRef[] = [];
  for (const update of asked) {
    const reason = refused.get(update.from);
    const oid = tips.get(update.from);
    if (reason !== undefined) kept.push(refuseRef(update.from, reason));
    else if (oid === undefined) kept.push(refuseRef(update.from, "the agent did not send it"));
    else updates.push({ ...update, oid });
  }
  return { updates, refused: kept };
}

/** The agent's git writes a bundle, and the host takes it while it is written. */
async function transfer(
  needs: FetchNeeds,
  observed: ObservedAgent,
  refs: readonly RefUpdate[],
  known: readonly string[],
): Promise<TakenCommits> {
  const abort = new AbortController();
  const source = new PassThrough();
  // Whoever reads it is told; once nobody does, there is nobody to tell.
  source.on("error", () => undefined);
  const wanted = new Set(refs.map((update) => update.from));
  const taking = needs.history.take({
    owner: observed.agent.name,
    source,
    refs: wanted,
    patienceMs: needs.patienceMs,
    allowsGitlinks: () => needs.policy.allowsGitlinks(),
  });
  const sending = sendBundle(needs, observed, { wanted, known, sink: source, signal: abort.signal });
  sending.catch((error: unknown) => {
    source.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    return await taking;
  } finally {
    abort.abort(new Error("nobody reads what the agent sends"));
    await sending.catch(() => undefined);
  }
}

interface Sending {
  readonly wanted: ReadonlySet<string>;
  readonly known: readonly string[];
  readonly sink: PassThrough;
  readonly signal: AbortSignal;
}

async function sendBundle(
  needs: AgentGitNeeds,
  observed: ObservedAgent,
  { wanted, known, sink, signal }: Sending,
): Promise<void> {
  // Not on the command line, which has an end.
  const revisions = [...wanted, ...known.map((oid) => `^${oid}`)].map((line) => `${line}\n`);
  const { exitCode, complaint } = await runAgentGit(needs, observed, {
    args: ["bundle", "create", "-q", "-", "--stdin"],
    stdin: Readable.from([revisions.join("")]),
    stdout: sink,
    signal,
  });
  if (exitCode === 0) sink.end();
  else {
    throw new DevkitError("E_GIT", `git bundle failed inside the agent: ${quoteText(complaint)}`, {
      hint: `look at its repository: devkit exec ${String(observed.agent.index)} -- git fsck`,
    });
  }
}
