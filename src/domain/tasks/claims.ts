import { DevkitError } from "../../base/errors.js";
import { quoteText, showText } from "../../base/show-text.js";
import { MAIN, type Claim, type Task } from "./task.js";

/** Who acts on tasks. Never read from the environment: a broker acts for one agent and for no other. */
export interface Actor {
  /** An agent's name, or `main`. */
  readonly agent: string;
  /** The number of the claim it believes to have. */
  readonly claim?: number | undefined;
  /** Only for the user: what is another's is taken or ended all the same. */
  readonly force?: boolean | undefined;
}

/** A claim to be made. */
export interface Lease {
  readonly agent: string;
  readonly host: string;
  readonly now: Date;
  readonly leaseMs: number;
}

/** Whether the lease is over; whether its agent runs all the same is for the engine to say. */
export function hasLapsed({ expiresAt }: Claim, now: Date): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime();
}

/**
 * The task with a claim: the agent's own one renewed, or a new one with the next number. The user's own claims do not
 * end by themselves: nobody can see whether a person still works on something.
 */
export function withClaim(task: Task, { agent, host, now, leaseMs }: Lease): Task {
  const number = task.claim?.agent === agent ? task.claim.number : task.claims + 1;
  const isUser = agent === MAIN;
  const expiresAt = isUser ? undefined : new Date(now.getTime() + leaseMs).toISOString();
  const claim: Claim = { agent, number, expiresAt, host: isUser ? undefined : host };
  return { ...task, claim, claims: Math.max(task.claims, number) };
}

/** The same claim with a lease that begins now; unchanged when it is another's or has none. */
export function withRenewal(task: Task, lease: Lease): Task {
  const isOwn = task.claim?.agent === lease.agent && task.claim.expiresAt !== undefined;
  return isOwn ? withClaim(task, lease) : task;
}

export function withoutClaim(task: Task): Task {
  return { ...task, claim: undefined };
}

/** Whether a claim is old enough to be renewed: half of it is over. */
export function isDue({ expiresAt }: Claim, { now, leaseMs }: Pick<Lease, "now" | "leaseMs">): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) - now.getTime() < leaseMs / 2;
}

/**
 * Refuses whoever says that they have a claim which they have not.
 * @throws DevkitError E_CLAIMED
 */
export function requireProof(task: Task, { agent, claim }: Actor): void {
  if (claim === undefined) return;
  if (task.claim?.agent === agent && task.claim.number === claim) return;
  throw new DevkitError("E_CLAIMED", `claim ${String(claim)} of ${task.id} is lost: ${holderText(task)}`, {
    hint: "leave it to them; see what is free: devkit task next",
    details: claimDetails(task),
  });
}

/**
 * Refuses an actor that has not claimed the task. The user may act on what nobody has.
 * @throws DevkitError E_CLAIMED
 */
export function requireHeld(task: Task, actor: Actor): void {
  requireProof(task, actor);
  if (actor.force === true || task.claim?.agent === actor.agent) return;
  if (task.claim === undefined && actor.agent === MAIN) return;
  throw claimedError(task, actor.agent);
}

/** E_CLAIMED: why `agent` may not act on the task. */
export function claimedError(task: Task, agent: string): DevkitError {
  const isFree = task.claim === undefined;
  const forced = agent === MAIN ? "; if it is yours all the same, add --force" : "";
  return new DevkitError("E_CLAIMED", `${agent} has not claimed ${task.id}: ${holderText(task)}`, {
    hint: isFree ? `claim it: devkit task start ${task.id}` : `see what is free: devkit task next${forced}`,
    details: claimDetails(task),
  });
}

/** Who has a task, for an error's details. */
export function claimDetails({ id, status, claim }: Task): Record<string, unknown> {
  return { task: id, status, claimed_by: claim?.agent ?? null, claim: claim?.number ?? null };
}

function holderText({ status, claim, title }: Task): string {
  if (claim === undefined) return status === "done" ? "it is done already" : "nobody has it";
  const until = claim.expiresAt === undefined ? "" : ` until ${showText(claim.expiresAt)}`;
  return `${claim.agent} has it (claim ${String(claim.number)}${until}): ${quoteText(title)}`;
}
