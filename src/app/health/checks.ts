import { lookAtAgents, lookAtContainers, lookAtUnfinished } from "./check-agents.js";
import {
  lookAtEngine,
  lookAtIdentity,
  lookAtImages,
  lookAtRepository,
  lookAtSettings,
} from "./check-engine.js";
import { lookAtCaches, lookAtHomes, lookAtLogins, lookAtSsh } from "./check-homes.js";
import { lookAtLeftovers } from "./check-leftovers.js";
import {
  lookAtClock,
  lookAtDisk,
  lookAtGit,
  lookAtMemory,
  lookAtNode,
  lookAtPermissions,
} from "./check-machine.js";
import {
  lookAtEgress,
  lookAtEndpoint,
  lookAtNames,
  lookAtNetworks,
  lookAtSubnets,
} from "./check-networks.js";
import { lookAtPorts } from "./check-ports.js";
import { lookAtLocks, lookAtSessions, lookAtTasks } from "./check-tasks.js";
import { lookAtCustody, lookAtWorktrees } from "./check-worktrees.js";
import type { Check } from "./check.js";

type Row = readonly [name: string, why: string, look: Check["look"]];

/** What the machine and the settings have to be like; nothing that a killed process leaves. */
const GIVEN: readonly Row[] = [
  ["git", "worktrees and sync need it", lookAtGit],
  ["node", "devkit runs on it", lookAtNode],
  ["engine", "agents are containers", lookAtEngine],
  ["repository", "agents are worktrees of it", lookAtRepository],
  ["configuration", "a mistake in it keeps agents from coming up", lookAtSettings],
  ["image", "agents start from it", lookAtImages],
  ["identity", "commits in agents carry it", lookAtIdentity],
  ["permissions", "what cannot be written cannot be finished either", lookAtPermissions],
  ["disk", "worktrees and homes grow", lookAtDisk],
  ["memory", "the kernel ends programs when there is none left", lookAtMemory],
  ["clock", "claims of tasks end, and the trash is emptied, by it", lookAtClock],
  ["ssh", "agents that may use your ssh agent ask it when they push", lookAtSsh],
  ["logins", "one login in two homes logs one of them out", lookAtLogins],
];

/**
 * What killed processes leave, in the order in which it is mended: first what was cut off, then what is left of agents
 * that are gone, from the container outwards, then what the others lack.
 */
const LEFT: readonly Row[] = [
  ["unfinished", "what was cut off stands in the way of what comes", lookAtUnfinished],
  ["locks", "a killed devkit leaves its lock", lookAtLocks],
  ["worktrees", "git does nothing where it takes a worktree for what it is not", lookAtWorktrees],
  ["containers", "one without an agent keeps memory and names", lookAtContainers],
  ["networks", "there are only so many, and new agents need theirs", lookAtNetworks],
  ["sessions", "one that shows an agent which is gone is in the way of the next", lookAtSessions],
  ["tasks", "what nobody works on is to be anybody's", lookAtTasks],
  ["ports", "other agents need them, and yours are to lead somewhere", lookAtPorts],
  ["leftovers", "containers, networks and volumes of repositories that are gone", lookAtLeftovers],
  ["agents", "what a crash left unfinished", lookAtAgents],
  ["custody", "commits of agents are safe once they are home", lookAtCustody],
  ["homes", "keys and logins in them are nobody else's business", lookAtHomes],
  ["caches", "without them agents download everything again", lookAtCaches],
  ["subnets", "an agent's network must be nothing else's", lookAtSubnets],
  ["egress", "without it agents reach nothing", lookAtEgress],
  ["dns", "names are a way out, too", lookAtNames],
  ["endpoint", "agents reach the task pool through it", lookAtEndpoint],
];

const toCheck =
  (isReconciled: boolean) =>
  ([name, why, look]: Row): Check => ({ name, why, isReconciled, look });

/** Every check, in the order in which they are told. */
export const CHECKS: readonly Check[] = [...GIVEN.map(toCheck(false)), ...LEFT.map(toCheck(true))];
