/** The outside as the use-cases see it. Adapters implement these; tests have fakes that pass the same contracts. */
import type { AgentRef } from "../domain/agents/agent.js";
import type { ContainerSpec, HostUser } from "../domain/agents/container-spec.js";
import type { ObservedContainer, ObservedState } from "../domain/agents/observed.js";
import type { FileChange } from "../domain/custody/file-changes.js";
import type { GitConfigEntry } from "../domain/custody/git-config.js";
import type { CommitInfo, MergeJournal, NewCommit, Obstacles, Replay } from "../domain/custody/merge.js";
import type { AgentRefs, HostRefs, RefMove, RefUpdate } from "../domain/custody/sync-plan.js";
import type { LentHistory, PrivateGit } from "../domain/custody/private-git.js";
import type { MountSpec, ObjectDir } from "../domain/custody/mounts.js";
import type { RawPath } from "../domain/custody/raw-path.js";
import type { TreeMerge } from "../domain/custody/tree-merge.js";
import type { WorktreeRecord } from "../domain/custody/worktree-list.js";
import type { AgentPaths, Project } from "../domain/identity/project.js";

export interface EngineInfo {
  readonly name: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Where the engine keeps images, on its own machine. */
  readonly dataDir: string;
}

/** A container with its project and agent, as its labels say. */
export interface LabelledContainer extends ObservedContainer {
  readonly projectId: string;
  readonly agentName: string;
  /** The primary's path, as recorded when it was made. */
  readonly root: string | undefined;
}

export interface ImageInfo {
  readonly id: string;
  readonly env: readonly string[];
  readonly architecture: string;
  readonly sizeBytes: number;
}

export interface ImageBuild {
  readonly tag: string;
  /** Path of the Dockerfile within the context. */
  readonly dockerfile: string;
  /** Directory packed as the context, and which of its files (relative paths) belong to it. */
  readonly contextDir: string;
  readonly files: readonly string[];
  /** Further entries, made in memory: relative path → content. */
  readonly entries: ReadonlyMap<string, Buffer>;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Build on the host's network: a proxy on loopback is not reachable from a bridge. */
  readonly hostNetwork: boolean;
}

export interface ExecRequest {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Container path. */
  readonly workdir: string;
  readonly tty: boolean;
  /** The terminal's size at the start. */
  readonly size?: { readonly columns: number; readonly rows: number };
}

/** The caller's end of a running command. */
export interface ExecStreams {
  /** Undefined: the command reads end of file at once. */
  readonly stdin: NodeJS.ReadableStream | undefined;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Called with a function that sends a signal to the command and everything it started. */
  readonly onSignals?: (send: (signal: NodeJS.Signals) => void) => void;
  /** Ends the command and rejects with the signal's reason; needed for a stream that an agent never ends. */
  readonly signal?: AbortSignal;
  /** Called with a function that tells the command its terminal's size. */
  readonly onResize?: (resize: (columns: number, rows: number) => void) => void;
}

/** The container engine. Errors: E_ENGINE_UNAVAILABLE, E_ENGINE_PERMISSION, E_ENGINE. */
export interface Engine {
  info(): Promise<EngineInfo>;
  /** Containers with our role label; of one project, or of all when undefined. */
  listAgents(projectId: string | undefined): Promise<LabelledContainer[]>;
  /** Creates it, or returns the id of the one that a killed run made under the same name and labels. */
  createContainer(spec: ContainerSpec): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** TERM, then KILL after the grace time. A stopped container is fine. */
  stopContainer(id: string): Promise<void>;
  removeContainer(id: string): Promise<void>;
  /** Commands running in it besides its main process. */
  countExecs(id: string): Promise<number>;
  /** Runs one command; resolves with its exit code, 128+n when a signal ended it. */
  exec(id: string, request: ExecRequest, streams: ExecStreams): Promise<number>;
  /** Runs one command in a container of its own with these settings, then removes it. */
  runOnce(spec: ContainerSpec, request: ExecRequest, streams: ExecStreams): Promise<number>;
  /** Lines of the main process, each with its time stamp first. */
  logs(id: string, options: LogOptions): AsyncIterable<string>;
  findImage(reference: string): Promise<ImageInfo | undefined>;
  pullImage(reference: string, onProgress: (line: string) => void, signal?: AbortSignal): Promise<void>;
  /** Throws E_IMAGE_BUILD with the end of the log. */
  buildImage(build: ImageBuild, onProgress: (line: string) => void, signal?: AbortSignal): Promise<string>;
}

export interface LogOptions {
  readonly follow: boolean;
  /** Number of lines from the end; undefined for all. */
  readonly tail: number | undefined;
  readonly signal: AbortSignal;
}

/** How a directory stands to its repository. */
export interface WorktreeFiles {
  readonly directory: "absent" | "empty" | "files";
  readonly linked: boolean;
  readonly checkedOut: boolean;
}

export interface WorktreeStatus {
  readonly changed: number;
  readonly untracked: number;
}

/** Provides worktrees on the host. Copy-on-write providers will implement the same. */
export interface Worktrees {
  list(): Promise<WorktreeRecord[]>;
  inspect(worktree: string): Promise<WorktreeFiles>;
  /** The host's index of a worktree, once its checkout is finished. */
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
  /** Writes the files of HEAD. Only for a worktree whose first checkout never finished. */
  checkout(worktree: string): Promise<void>;
  /** Makes a lost index again from HEAD, without touching a file. */
  reindex(worktree: string): Promise<void>;
  status(worktree: string): Promise<WorktreeStatus>;
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
  /** The primary's object directory and all it borrows from, real paths. */
  objectDirs(): Promise<ObjectDir[]>;
  /** Host refs of all agents, by agent name. */
  agentRefs(): Promise<ReadonlyMap<string, HostRefs>>;
  /** The commit a full ref name points at. */
  findRef(ref: string): Promise<string | undefined>;
  setRef(ref: string, oid: string): Promise<void>;
  /** Keeps a commit that an agent borrows alive, whatever becomes of the refs it has now. */
  lend(agent: AgentRef, oid: string): Promise<void>;
  /** Which of these commits are here with everything they need. */
  connected(oids: readonly string[]): Promise<ReadonlySet<string>>;
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

/** A git bundle on its way in. */
export interface IncomingBundle {
  readonly source: AsyncIterable<Buffer>;
  /** The refs that were asked for, as the agent names them; others in it are ignored. */
  readonly refs: ReadonlySet<string>;
  /** How long the source may be silent. */
  readonly patienceMs: number;
  /** Asked only when there is a gitlink that `.gitmodules` does not name. */
  readonly allowsGitlinks: () => Promise<boolean>;
}

export interface TakenCommits {
  /** Where the agent's refs were when it sent them: ref → commit. */
  readonly tips: ReadonlyMap<string, string>;
  /** Those of them that may not have a ref on the host, and why. */
  readonly refused: ReadonlyMap<string, string>;
}

export interface MoveRefs {
  readonly updates: readonly RefUpdate[];
  /** Refs that may not move, and why: full ref → reason. */
  readonly held: ReadonlyMap<string, string>;
  /** The ref that keeps the old tip of one that the agent has rewritten. */
  readonly keepAs: (ref: string) => string;
}

/** Merges in the primary's object database: no file, index or ref is read or written. Errors: E_GIT, E_TOOL_MISSING. */
export interface Merges {
  isAncestor(older: string, newer: string): Promise<boolean>;
  /** The best common ancestor; undefined when the histories have nothing in common. */
  mergeBase(one: string, other: string): Promise<string | undefined>;
  /** What `tip` has and `base` has not, oldest first. */
  commitsSince(base: string, tip: string): Promise<CommitInfo[]>;
  /** Whether one of these commits is a merge. */
  hasMerges(base: string, tip: string): Promise<boolean>;
  treeOf(commit: string): Promise<string>;
  /** Undefined: the histories have nothing in common. */
  mergeTrees(ours: string, theirs: string): Promise<TreeMerge | undefined>;
  /** Made by the user, signed if their settings say so. */
  commit(request: NewCommit): Promise<string>;
  /** Makes the commits of `tip` that are not in `onto` again on top of it, like `git rebase`: merges are left out. */
  replay(onto: string, tip: string): Promise<Replay>;
  /** Files that differ between two commits. */
  changes(from: string, to: string): Promise<FileChange[]>;
  /** The same in a place of its own: what is made there is gone when `use` ends, and nothing is signed. */
  aside<T>(use: (merges: Merges) => Promise<T>): Promise<T>;
}

/** Moving the user's own branches, and the files of worktrees where they are checked out. */
export interface Landing {
  /** Moves a branch that is checked out nowhere; false when it is not at `from`. */
  moveBranch(request: Omit<MergeJournal, "worktree">): Promise<boolean>;
  /** Where a rebase or bisection of this branch goes on, though it is not checked out there; undefined if nowhere. */
  findUnfinished(ref: string): Promise<string | undefined>;
  /** What keeps these files from being written there. */
  obstacles(worktree: string, files: readonly RawPath[]): Promise<Obstacles>;
  /** Fast-forwards branch, index and files. @throws DevkitError E_WORK_IN_THE_WAY when git finds local changes in the way */
  fastForward(journal: MergeJournal): Promise<void>;
  /**
   * Brings a fast-forward that was cut off to its end, or undoes it. Files whose content is neither the old nor the
   * new one are left as they are, and named.
   */
  settle(journal: MergeJournal, direction: "finish" | "undo"): Promise<Settled>;
  /** A fast-forward that was begun; the file of a live one belongs to who holds the lock "merge". */
  readJournal(): Promise<MergeJournal | undefined>;
  writeJournal(journal: MergeJournal): Promise<void>;
  removeJournal(): Promise<void>;
}

export interface Settled {
  /** `untouched`: nothing had been written yet; `moved`: the user has moved the branch since. */
  readonly outcome: "finished" | "undone" | "untouched" | "moved";
  /** Files with content of somebody else's, as they were; when the branch has moved, all that are not as before. */
  readonly left: readonly RawPath[];
}

/** What stands in an agent's worktree, compared to a commit; `worktree` undefined: only what is committed at `tip`. */
export interface WorktreeChanges {
  files(worktree: string | undefined, base: string, tip: string): Promise<FileChange[]>;
  /** Writes a patch that `git apply` takes. */
  writePatch(
    worktree: string | undefined,
    base: string,
    tip: string,
    sink: NodeJS.WritableStream,
  ): Promise<void>;
  uncommitted(worktree: string): Promise<UncommittedFiles>;
  /** Commits of other repositories (submodules) that differ; no patch of the host's has them. */
  gitlinks(base: string, tip: string): Promise<RawPath[]>;
  /** The tree without files: what a history that has nothing in common with the base is compared to. */
  emptyTree(): Promise<string>;
}

export interface UncommittedFiles {
  readonly changed: readonly RawPath[];
  readonly untracked: readonly RawPath[];
}

/** The agents' directories on the host. */
export interface AgentState {
  /** Agents that have a directory of their own, registered or not. */
  known(project: Project): Promise<AgentRef[]>;
  /** Makes `.devkit` with a `.gitignore` of its own. */
  prepare(project: Project): Promise<void>;
  /** True when it wrote the file, false when there was one. */
  writeIfMissing(file: string, text: string): Promise<boolean>;
  inspect(paths: AgentPaths): Promise<ObservedState>;
  createHome(request: CreateHome): Promise<void>;
  /** Writes the generated settings again when they differ. */
  refreshHome(paths: AgentPaths, identity: readonly GitConfigEntry[]): Promise<void>;
  createPrivateGit(paths: AgentPaths, git: PrivateGit, indexFile: string | undefined): Promise<void>;
  /** Reads HEAD and branches as text; undefined when the agent has made them unreadable. */
  readRefs(paths: AgentPaths): Promise<AgentRefs | undefined>;
  /** Host refs as they were when they last agreed with the agent's. */
  lastSynced(paths: AgentPaths): Promise<HostRefs>;
  setLastSynced(paths: AgentPaths, refs: HostRefs): Promise<void>;
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
  /** Directories of the installed package. */
  readonly dockerDir: string;
  /** Certificates of a company's own authorities, from the places users put them. */
  extraCertificates(): Promise<CertificatePem[]>;
  /** Text of files below `dockerDir`: relative path → content. */
  imageFiles(dockerfile: string): Promise<ReadonlyMap<string, string>>;
  /** A package's tarball, by the user's own npm configuration. @throws DevkitError E_IMAGE_BUILD */
  packNpm(specifier: string, signal: AbortSignal): Promise<Buffer>;
  /** Only when it is certain: what may not be looked at may well be there. */
  isGone(path: string): Promise<boolean>;
  /** Free bytes of the file system that holds the path, or its nearest existing parent. */
  freeBytes(path: string): Promise<number>;
}

/** Mutual exclusion between devkit processes; a lock of a dead process is taken over. */
export interface Locks {
  hold<T>(name: string, work: () => Promise<T>): Promise<T>;
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
  /** Whether commits may embed repositories that `.gitmodules` does not name. */
  allowsGitlinks(): Promise<boolean>;
}

/** Everything the use-cases of one project need. */
export interface ProjectDeps {
  readonly project: Project;
  readonly engine: Engine;
  readonly worktrees: Worktrees;
  readonly history: History;
  readonly state: AgentState;
  readonly locks: Locks;
  readonly policy: CustodyPolicy;
  readonly progress: Progress;
}

/** What looking at agents' work and merging it needs besides. */
export interface MergeDeps extends ProjectDeps {
  readonly merges: Merges;
  readonly landing: Landing;
  readonly changes: WorktreeChanges;
}
