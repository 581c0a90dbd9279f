import { createHash } from "node:crypto";
import path from "node:path";
import type { AgentRef, Roster } from "../agents/agent.js";
import { layoutPlace, type WorktreeLayout } from "../worktrees/layout.js";

/** One git repository with its agents, and where devkit keeps things for it. All paths are real, absolute host paths. */
export interface Project {
  /** name + short hash of the common git dir's real path; unique on a machine. */
  readonly id: string;
  readonly name: string;
  /** The repository's main worktree. */
  readonly root: string;
  readonly commonDir: string;
  /** `<root>/.devkit`: local, ignored by git. */
  readonly devkitDir: string;
  /** Outside every git tree, mode 0700. */
  readonly stateDir: string;
  readonly places: WorktreePlaces;
  /** As of the start of this command; what makes or removes agents brings it up to date. */
  roster: Roster;
}

/**
 * Where worktrees are. Not fixed: a worktree stays where it was made when the layout changes, so what git lists comes
 * first, and every observation brings this up to date (docs/adr/0012).
 */
export interface WorktreePlaces {
  /** Where new ones go. */
  layout: WorktreeLayout;
  /** Agent name → path, as last seen. */
  readonly found: Map<string, string>;
}

export interface ProjectPlaces {
  readonly root: string;
  readonly commonDir: string;
  /** `$XDG_STATE_HOME`, or its default. */
  readonly stateHome: string;
}

/** Lower case, and only characters that engine names and labels accept. */
function slug(text: string): string {
  const cleaned = text.toLowerCase().replaceAll(/[^a-z0-9_.-]+/g, "-");
  return cleaned.replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, "").slice(0, 40) || "project";
}

export function projectOf(places: ProjectPlaces): Project {
  const name = path.basename(places.root);
  const hash = createHash("sha256").update(places.commonDir).digest("hex").slice(0, 8);
  const id = `${slug(name)}-${hash}`;
  return {
    id,
    name,
    root: places.root,
    commonDir: places.commonDir,
    devkitDir: path.join(places.root, ".devkit"),
    stateDir: path.join(places.stateHome, "devkit", id),
    places: { layout: "nested", found: new Map() },
    roster: new Map(),
  };
}

/** The agent's host paths. `state` and everything below it stays out of the agent's reach except `home` and `git`. */
export interface AgentPaths {
  readonly worktree: string;
  readonly state: string;
  readonly home: string;
  /** The agent's private git dir. */
  readonly git: string;
  /** One line, mounted over the worktree's `.git`. */
  readonly dotgit: string;
  readonly passwd: string;
  readonly group: string;
  /** There, when the agent has no container: `host` in one line. */
  readonly runtime: string;
  /** What the agent may read of its policy. */
  readonly policy: string;
  /** The agent's volumes, by name; each is mounted, never their parent. */
  readonly volumes: string;
}

export function agentPaths(project: Project, agent: AgentRef): AgentPaths {
  const state = path.join(project.stateDir, "agents", agent.name);
  return {
    worktree: project.places.found.get(agent.name) ?? layoutPlace(project, project.places.layout, agent),
    state,
    home: path.join(state, "home"),
    git: path.join(state, "git"),
    dotgit: path.join(state, "dotgit"),
    passwd: path.join(state, "passwd"),
    group: path.join(state, "group"),
    runtime: path.join(state, "runtime"),
    policy: path.join(egressDir(project), "policies", agent.name),
    volumes: path.join(state, "volumes"),
  };
}

/** Host paths of one egress container; nothing of them is in any agent's reach. */
export interface EgressPaths {
  /** What it reads: policies, addresses. */
  readonly config: string;
  /** What it writes: the audit log, and which configuration it runs with. */
  readonly audit: string;
}

/** Those of an agent's own egress (profile `hardened`), or of the one that the others share. */
export function egressPaths(project: Project, owner: AgentRef | undefined): EgressPaths {
  const base = path.join(
    egressDir(project),
    owner === undefined ? "shared" : path.join("agents", owner.name),
  );
  return { config: path.join(base, "config"), audit: path.join(base, "audit") };
}

/** Beside the agents' state, not in the repository: an overlay can mount that into agents. */
export function egressDir(project: Project): string {
  return path.join(project.stateDir, "egress");
}

/** Where the two halves of what forwards an agent's ports meet; no agent sees it. */
export function forwarderDir(project: Project, agent: AgentRef): string {
  return path.join(project.stateDir, "ports", agent.name);
}

/** Host paths of the endpoint that agents reach the task pool through; of each agent's only its socket's is mounted in it. */
export interface BrokerPaths {
  /** All of them; the broker may write here. */
  readonly base: string;
  /** What the host tells it, which it may not write. */
  readonly config: string;
  /** A directory for each agent. */
  readonly sockets: string;
  /** What the host has to tell agents: `<name>.json`. */
  readonly notices: string;
  /** What agents are at, as they said last: `<name>.json`. */
  readonly activity: string;
  /** Whom it serves, as it says itself. */
  readonly ready: string;
  /** The program for agents; no container writes it. */
  readonly client: string;
}

export function brokerPaths(project: Project): BrokerPaths {
  const base = path.join(project.stateDir, "broker");
  return {
    base,
    config: path.join(base, "config"),
    sockets: path.join(base, "sockets"),
    notices: path.join(base, "notices"),
    activity: path.join(base, "activity"),
    ready: path.join(base, "ready.json"),
    client: path.join(project.stateDir, "client", "devkit"),
  };
}

export function agentsDir(project: Project): string {
  return path.join(project.devkitDir, "agents");
}

export function locksDir(project: Project): string {
  return path.join(project.devkitDir, "locks");
}

/** Where removed agents' homes and private git dirs are kept, and where their files are: each beside its first place. */
export function trashPaths(project: Project, id: string): { readonly state: string; readonly files: string } {
  return {
    state: path.join(project.stateDir, "trash", id),
    files: path.join(project.devkitDir, "trash", id),
  };
}
