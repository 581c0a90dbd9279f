/** The outside as the use-cases see it. Adapters implement these; tests have fakes that pass the same contracts. */
import type { AgentRef } from "../domain/agents/agent.js";
import type { HostUser } from "../domain/agents/container-spec.js";
import type { AgentRuntime } from "../domain/agents/runtime.js";
import type { ObservedState } from "../domain/agents/observed.js";
import type { GitActivity, GitOperation } from "../domain/custody/git-activity.js";
import type { GitConfigEntry } from "../domain/custody/git-config.js";
import type { MountSpec, ObjectDir } from "../domain/custody/mounts.js";
import type {
  LentHistory,
  ModuleCheckout,
  PrivateGit,
  PrivateModule,
} from "../domain/custody/private-git.js";
import type { PortStore } from "./ports-ports.js";
import type { Caches } from "./ports-caches.js";
import type { EgressStore } from "./ports-egress.js";
import type { EndpointStore } from "./ports-endpoint.js";
import type { FeatureBuilder } from "./ports-features.js";
import type { Registries } from "./ports-presets.js";
import type { AgentRefs, Agreed, HostRefs, RefMove } from "../domain/custody/sync-plan.js";
import type { WorktreeRecord } from "../domain/custody/worktree-list.js";
import type { AgentPaths, Project } from "../domain/identity/project.js";
import type { Engine } from "./ports-engine.js";
import type { OwnContext, OwnContextRequest } from "./ports-images.js";
import type { LentModule } from "./ports-modules.js";
import type { IncomingBundle, LfsStore, MoveRefs, TakenCommits } from "./ports-history.js";
import type { GitHooks } from "./ports-checks.js";
import type { HookStore } from "./ports-hooks.js";
import type { HostGit, HostPrograms } from "./ports-host-runtime.js";
import type { HomeCare, HomeSwaps } from "./ports-homes.js";
import type { HomeFiles } from "./ports-identity.js";
import type { LoginStore } from "./ports-logins.js";
import type { EphemeralStore } from "./ports-runs.js";
import type { RefStore, Trash } from "./ports-trash.js";

/** How a directory stands to its repository. */
export interface WorktreeFiles {
  readonly directory: "absent" | "empty" | "files";
  readonly linked: boolean;
  readonly checkedOut: boolean;
  /** Its first checkout was begun and not finished: no agent has been in it. */
  readonly unfinished?: boolean;
}

export interface WorktreeStatus {
  readonly changed: number;
  readonly untracked: number;
}

/** Provides worktrees on the host. Copy-on-write providers will implement the same. */
export interface Worktrees {
  list(): Promise<WorktreeRecord[]>;
  inspect(worktree: string): Promise<WorktreeFiles>;
  /** The index an agent starts from, once the checkout of its worktree is finished. */
  findIndex(worktree: string): Promise<string | undefined>;
  /**
   * Registers a worktree without files; makes the branch at `start` unless it exists, and answers whether it did.
   * Safe to call side by side.
   */
  add(request: AddWorktree): Promise<boolean>;
  /** Registers a directory full of files that git has forgotten, without touching one of them. */
  adopt(request: AddWorktree): Promise<void>;
  /** Makes the `.git` file of a registered worktree again. */
  repair(worktree: string): Promise<void>;
  /**
   * Writes the files of HEAD, of its submodules, and those carried along. Only for a worktree whose first checkout never
   * finished; a killed one is finished by the next.
   */
  checkout(worktree: string, options?: CheckoutOptions): Promise<CheckoutReport>;
  /** The submodules that the checkout of a worktree has written. */
  findModuleCheckouts(worktree: string): Promise<ModuleCheckout[]>;
  /** Ignored files of the primary that match `.worktreeinclude` or one of these patterns. */
  listCarried(patterns: readonly string[]): Promise<CarriedFiles>;
  /** Makes a lost index again from HEAD, without touching a file. */
  reindex(worktree: string): Promise<void>;
  /** Keeps the user's own git out of an agent's submodules. */
  hideModules(worktree: string): Promise<void>;
  /** Paths at which the host's index has a submodule, and the worktree a repository with a git dir of its own. */
  findEmbedded(worktree: string): Promise<string[]>;
  status(worktree: string): Promise<WorktreeStatus>;
  /** Whether the directory's `.git` file names this repository, which does not know it any more. */
  isForgotten(worktree: string): Promise<boolean>;
  /** What the host's git is in the middle of there (`rebase`, `merge` …). */
  findUnfinished(worktree: string): Promise<GitOperation | undefined>;
  /**
   * Goes over to a branch as the user would, for a worktree that no agent in a container has: makes it at `start` unless
   * it exists, and takes along what is not committed. @throws DevkitError E_GIT where that does not go together
   */
  switchBranch(worktree: string, branch: string, start: string): Promise<void>;
  /** Points HEAD at a branch of the same commit; index and files stay as they are. */
  attach(worktree: string, ref: string): Promise<void>;
  /** Makes git forget a worktree whose directory is gone; fine when it does not know it. */
  unregister(worktree: string): Promise<void>;
}

export interface CheckoutOptions {
  /** HEAD is the user's own commit: the user's filters may run on its files. */
  readonly trusted: boolean;
  readonly carried: CarriedFiles | undefined;
  /** Whether the submodules are checked out too, as an agent uses them: on the host they cannot be. */
  readonly modules: boolean;
}

/** What a checkout could not do, or did besides. */
export interface CheckoutReport {
  /** How many objects a partial clone had not and fetched from its remote. */
  readonly fetched: number;
  /** Paths of submodules whose commit the primary does not have. */
  readonly missingModules: readonly string[];
  /** Files that were not carried along, each with the reason. */
  readonly notCarried: readonly { readonly path: string; readonly reason: string }[];
}

/** Files that git does not carry, to be copied into new worktrees. */
export interface CarriedFiles {
  /** Relative to the primary, bytes as Latin-1; a directory ends with a slash and is copied as a whole. */
  readonly paths: readonly string[];
  /** Those that look like live credentials, each with what it looks like. */
  readonly credentials: readonly { readonly path: string; readonly looksLike: string }[];
}

export interface AddWorktree {
  readonly worktree: string;
  /** Short name; undefined: detached at `start`. */
  readonly branch: string | undefined;
  readonly start: string;
  readonly reason: string;
}

/** The primary's history and settings. */
export interface History {
  /** The commit a revision names. @throws DevkitError E_NO_COMMIT */
  requireCommit(revision: string): Promise<string>;
  config(): Promise<GitConfigEntry[]>;
  /** What agents get of the primary, kept alive for them from now on; `start`: a commit that their base refs keep. */
  lent(start: string): Promise<LentHistory>;
  /** What agents borrow: the primary's objects, its submodules', all that these borrow from, and LFS stores. */
  objectDirs(): Promise<ObjectDir[]>;
  /** The submodules that the primary has initialised, nested ones too. */
  modules(): Promise<LentModule[]>;
  findLfsStore(): Promise<LfsStore>;
  /** Host refs of all agents, by agent name. */
  agentRefs(): Promise<ReadonlyMap<string, HostRefs>>;
  /** The commit a full ref name points at. */
  findRef(ref: string): Promise<string | undefined>;
  setRef(ref: string, oid: string): Promise<void>;
  /** Keeps a commit that an agent borrows alive, whatever becomes of the refs it has now. */
  lend(agent: AgentRef, oid: string): Promise<void>;
  /** Which of these commits are here with everything they need. */
  connected(oids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Why commits that are here may not have a ref, by commit. */
  faults(
    oids: readonly string[],
    allowsGitlinks: () => Promise<boolean>,
  ): Promise<ReadonlyMap<string, string>>;
  /**
   * Takes commits that an agent sends, after every check; moves no ref.
   * @throws DevkitError E_PACK_REFUSED, and then nothing of it stays.
   */
  take(bundle: IncomingBundle): Promise<TakenCommits>;
  /** Moves refs to commits that are here, where that loses nothing of the host's; each gets an answer. */
  moveRefs(request: MoveRefs): Promise<RefMove[]>;
  /**
   * Points a linked worktree's HEAD and index at a ref or commit, without reading or writing its files.
   * @throws DevkitError E_DIVERGED when that would leave commits behind that no ref has.
   */
  moveHead(worktree: string, head: string): Promise<void>;
  /** Bytes a checkout of this commit takes. */
  checkoutSize(commit: string): Promise<number>;
  ignoreLocally(pattern: string): Promise<void>;
}

/** The agents' directories on the host. */
export interface AgentState {
  /** Agents that have a directory of their own, registered or not. */
  known(project: Project): Promise<AgentRef[]>;
  /**
   * Gives an agent its name, and says that it has no container: the first thing there is of it. One that is called by its
   * index and has a container needs neither.
   */
  enrol(project: Project, agent: AgentRef, runtime: AgentRuntime): Promise<void>;
  /** Makes `.devkit` with a `.gitignore` of its own. */
  prepare(project: Project): Promise<void>;
  /** True when it wrote the file, with the directories above it; false when there was one. */
  writeIfMissing(file: string, text: string): Promise<boolean>;
  inspect(paths: AgentPaths): Promise<ObservedState>;
  createHome(request: CreateHome): Promise<void>;
  /** Writes the generated settings again when they differ. */
  refreshHome(paths: AgentPaths, identity: readonly GitConfigEntry[]): Promise<void>;
  createPrivateGit(
    paths: AgentPaths,
    git: PrivateGit,
    indexFile: string | undefined,
    modules?: readonly PrivateModule[],
  ): Promise<void>;
  /** Reads HEAD and branches as text; undefined when the agent has made them unreadable. */
  readRefs(paths: AgentPaths): Promise<AgentRefs | undefined>;
  /** Host refs as they were when they last agreed with the agent's. */
  lastSynced(paths: AgentPaths): Promise<Agreed>;
  setLastSynced(paths: AgentPaths, refs: Agreed): Promise<void>;
  /** The same of a submodule's git dir inside the private one; its place as `LentModule` has it. */
  readModuleRefs(paths: AgentPaths, at: string): Promise<AgentRefs | undefined>;
  /** The git dirs of submodules in the private one, also those that the agent made; places as above. */
  listModules(paths: AgentPaths): Promise<string[]>;
  /** Ids of the objects that git-lfs made in a private git dir. */
  listLfsObjects(paths: AgentPaths): Promise<string[]>;
  /** Puts what comes into a store of git-lfs; false when it is not what its id says. */
  keepLfsObject(source: AsyncIterable<Buffer>, store: string, oid: string): Promise<boolean>;
  /** Reads stashes and operations in progress as text. */
  readActivity(paths: AgentPaths): Promise<GitActivity>;
  /** Whether a sync was cut off after it had changed something on the host. */
  isSyncPending(paths: AgentPaths): Promise<boolean>;
  setSyncPending(paths: AgentPaths, pending: boolean): Promise<void>;
}

export interface CreateHome {
  readonly paths: AgentPaths;
  readonly user: HostUser;
  readonly identity: readonly GitConfigEntry[];
  readonly mounts: readonly MountSpec[];
}

/** A certificate authority that the host trusts besides the usual ones; PEM text. */
export type CertificatePem = string;

/** The machine and user devkit runs for. */
export interface Host {
  readonly user: HostUser;
  readonly env: Readonly<Partial<Record<string, string>>>;
  readonly version: string;
  /** Images have to be here: none is pulled or built. */
  readonly isOffline: boolean;
  /** Directories of the installed package. */
  readonly dockerDir: string;
  /** The user's download caches for agents; never anything that the host's own tools read. */
  readonly cachesDir: string;
  /** Certificates of a company's own authorities, from the places users put them. */
  extraCertificates(): Promise<CertificatePem[]>;
  /** Text of files below `dockerDir`: relative path → content. */
  imageFiles(dockerfile: string): Promise<ReadonlyMap<string, string>>;
  /** Text of the broker's program, and of the client in agents that speaks to it. */
  brokerProgram(): Promise<string>;
  clientProgram(): Promise<string>;
  /** A package's tarball, by the user's own npm configuration. @throws DevkitError E_IMAGE_BUILD */
  packNpm(specifier: string, signal: AbortSignal): Promise<Buffer>;
  /** A directory with packages, each `name@version`, and all they need, for a processor as npm names it. */
  installNpm(request: { packages: readonly string[]; cpu: string }, signal: AbortSignal): Promise<string>;
  /** What the build of a user's own Dockerfile gets. @throws DevkitError E_CONFIG, E_IMAGE_BUILD */
  ownContext(request: OwnContextRequest): Promise<OwnContext>;
  readonly features: FeatureBuilder;
  /** Between all devkits that share the user's downloads: who builds which image. */
  readonly buildLocks: Pick<Locks, "hold">;
  /** Only when it is certain: what may not be looked at may well be there. */
  isGone(path: string): Promise<boolean>;
  /** Free bytes of the file system that holds the path, or its nearest existing parent. */
  freeBytes(path: string): Promise<number>;
  /** Bytes that this file system has, free or not. */
  diskBytes(path: string): Promise<number>;
  /** Bytes that programs can still have; undefined where nobody says. */
  availableMemory(): Promise<number | undefined>;
}

/** Mutual exclusion between devkit processes; a lock of a dead process is taken over. */
export interface Locks {
  hold<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Removes the file of a lock that nobody has and nobody will ask for again; two who do so meanwhile could both get it. */
  forget(name: string): Promise<void>;
  /** Names of locks whose holder is dead. */
  stale(): Promise<string[]>;
}

/** Says what goes on while a use-case runs. */
export interface Progress {
  step(agent: AgentRef | undefined, text: string): ProgressStep;
  warn(text: string): void;
}

export interface ProgressStep {
  update(text: string): void;
  done(text?: string): void;
  fail(text: string): void;
}

/** What the user's settings say of agents' commits; read only when a question comes up. */
export interface CustodyPolicy {
  /** Whether commits may embed repositories that are no submodules of the user's own commit. */
  allowsGitlinks(): Promise<boolean>;
}

/** Everything the use-cases of one project need. */
export interface ProjectDeps {
  readonly project: Project;
  readonly engine: Engine;
  readonly worktrees: Worktrees;
  readonly history: History;
  readonly refs: RefStore;
  readonly state: AgentState;
  readonly trash: Trash;
  readonly ephemeral: EphemeralStore;
  readonly locks: Locks;
  readonly policy: CustodyPolicy;
  readonly egress: EgressStore;
  readonly endpoint: EndpointStore;
  readonly ports: PortStore;
  readonly caches: Caches;
  readonly registries: Registries;
  readonly hooks: HookStore;
  readonly gitHooks: GitHooks;
  readonly homes: HomeFiles;
  readonly homeCare: HomeCare;
  readonly homeSwaps: HomeSwaps;
  readonly logins: LoginStore;
  readonly programs: HostPrograms;
  readonly hostGit: HostGit;
  readonly progress: Progress;
}
