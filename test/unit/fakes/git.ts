import path from "node:path";
import { text } from "node:stream/consumers";
import type {
  AddWorktree,
  History,
  WorktreeFiles,
  Worktrees,
  WorktreeStatus,
} from "../../../src/app/ports.js";
import { DevkitError } from "../../../src/base/errors.js";
import type { GitConfigEntry } from "../../../src/domain/custody/git-config.js";
import type { HostRefs, RefMove } from "../../../src/domain/custody/sync-plan.js";
import type { WorktreeRecord } from "../../../src/domain/custody/worktree-list.js";
import { baseRef } from "../../../src/domain/identity/names.js";
import { oid, PROJECT } from "../support/things.js";

type Files = { -readonly [K in keyof WorktreeFiles]: WorktreeFiles[K] };

/** The primary in memory: commits are a line of ids, refs a map, worktrees what git and the disk say of them. */
export interface FakeGit {
  readonly worktrees: Worktrees;
  readonly history: History;
  /** Commits there are, oldest first. */
  readonly commits: string[];
  readonly refs: Map<string, string>;
  readonly registered: Map<string, string | undefined>;
  readonly files: Map<string, Files>;
  /** What git says of a worktree's files; nothing changed where there is no entry. */
  readonly statuses: Map<string, WorktreeStatus>;
  readonly config: GitConfigEntry[];
}

export type Before = (operation: string, subject: string) => void | Promise<void>;

const ABSENT: WorktreeFiles = { directory: "absent", linked: false, checkedOut: false };

export function createFakeGit(before: Before): FakeGit {
  const git = {
    commits: [oid("1")],
    refs: new Map([["refs/heads/main", oid("1")]]),
    registered: new Map<string, string | undefined>(),
    files: new Map<string, Files>(),
    statuses: new Map<string, WorktreeStatus>(),
    config: [
      { key: "user.name", value: "Tess Ter" },
      { key: "user.email", value: "tess@example.com" },
    ],
  };
  return { ...git, worktrees: createWorktrees(git, before), history: createHistory(git, before) };
}

type State = Omit<FakeGit, "worktrees" | "history">;

function createWorktrees(git: State, before: Before): Worktrees {
  const set = (worktree: string, change: Partial<Files>) => {
    git.files.set(worktree, { ...(git.files.get(worktree) ?? ABSENT), ...change });
  };
  const register = ({ worktree, branch, start }: AddWorktree): boolean => {
    const ref = branch === undefined ? undefined : `refs/heads/${branch}`;
    const isNew = ref !== undefined && !git.refs.has(ref);
    if (isNew) git.refs.set(ref, start);
    git.registered.set(worktree, branch);
    return isNew;
  };
  const needRegistered = (worktree: string) => {
    if (!git.registered.has(worktree)) throw new DevkitError("E_GIT", `git does not know ${worktree}`);
  };
  return {
    list: () =>
      Promise.resolve([
        { path: PROJECT.root, head: oid("1"), branch: "main", locked: false },
        ...[...git.registered].map(([at, branch]): WorktreeRecord => ({
          path: at,
          head: oid("1"),
          branch,
          locked: true,
        })),
      ]),
    inspect: (worktree) => Promise.resolve({ ...(git.files.get(worktree) ?? ABSENT) }),
    findIndex: (worktree) =>
      Promise.resolve(git.files.get(worktree)?.checkedOut === true ? `${worktree}/index` : undefined),
    async add(request) {
      await before("worktree.add", path.basename(request.worktree));
      if (git.files.get(request.worktree)?.directory === "files") {
        throw new DevkitError("E_WORK_IN_THE_WAY", `${request.worktree} is not empty`);
      }
      set(request.worktree, { directory: "empty", linked: true, checkedOut: false });
      return register(request);
    },
    async adopt(request) {
      await before("worktree.adopt", path.basename(request.worktree));
      register(request);
      set(request.worktree, { linked: true, checkedOut: true });
    },
    async repair(worktree) {
      await before("worktree.repair", path.basename(worktree));
      needRegistered(worktree);
      set(worktree, { linked: true });
    },
    async checkout(worktree) {
      await before("worktree.checkout", path.basename(worktree));
      needRegistered(worktree);
      set(worktree, { directory: "files", checkedOut: true });
      return { fetched: 0, missingModules: [], notCarried: [] };
    },
    findModuleCheckouts: () => Promise.resolve([]),
    listCarried: () => Promise.resolve({ paths: [], credentials: [] }),
    async reindex(worktree) {
      await before("worktree.reindex", path.basename(worktree));
      needRegistered(worktree);
      set(worktree, { checkedOut: true });
    },
    hideModules: () => Promise.resolve(),
    findEmbedded: () => Promise.resolve([]),
    status: (worktree) => Promise.resolve(git.statuses.get(worktree) ?? { changed: 0, untracked: 0 }),
    isForgotten: (worktree) => Promise.resolve(git.files.get(worktree)?.linked === true),
    findUnfinished: () => Promise.resolve(undefined),
    switchBranch(worktree, branch) {
      needRegistered(worktree);
      git.registered.set(worktree, branch);
      return Promise.resolve();
    },
    attach(worktree, ref) {
      needRegistered(worktree);
      git.registered.set(worktree, ref.slice("refs/heads/".length));
      return Promise.resolve();
    },
    async unregister(worktree) {
      await before("worktree.unregister", path.basename(worktree));
      git.registered.delete(worktree);
    },
  };
}

function createHistory(git: State, before: Before): History {
  return {
    requireCommit(revision) {
      const found =
        revision === "HEAD" ? git.refs.get("refs/heads/main") : git.refs.get(`refs/heads/${revision}`);
      if (found !== undefined) return Promise.resolve(found);
      return Promise.reject(
        new DevkitError("E_NO_COMMIT", `"${revision}" is not a commit of this repository`),
      );
    },
    config: () => Promise.resolve([...git.config]),
    lent: () =>
      Promise.resolve({
        objectFormat: "sha1",
        objectsDir: "/o",
        refs: new Map(),
        shallow: undefined,
        config: [],
        info: { exclude: "", attributes: undefined, userAttributes: undefined, sparseCheckout: undefined },
      }),
    modules: () => Promise.resolve([]),
    findLfsStore: () => Promise.resolve({ directory: "/lfs", missing: () => Promise.resolve([]) }),
    objectDirs: () => {
      const objects = path.join(PROJECT.commonDir, "objects");
      return Promise.resolve([{ hostPath: objects, containerPath: objects }]);
    },
    agentRefs() {
      const groups = new Map<string, Map<string, string>>();
      for (const [ref, id] of git.refs) {
        const name = /^refs\/(?:heads\/agent|devkit\/detached)\/([^/]+)/.exec(ref)?.[1];
        if (name !== undefined)
          groups.set(name, (groups.get(name) ?? new Map<string, string>()).set(ref, id));
      }
      return Promise.resolve<ReadonlyMap<string, HostRefs>>(groups);
    },
    findRef: (ref) => Promise.resolve(git.refs.get(ref)),
    async setRef(ref, id) {
      await before("ref", ref);
      git.refs.set(ref, id);
    },
    lend(agent, id) {
      if (!git.refs.has(baseRef(agent))) git.refs.set(baseRef(agent), id);
      return Promise.resolve();
    },
    connected: (ids) => Promise.resolve(new Set(ids.filter((id) => git.commits.includes(id)))),
    faults: () => Promise.resolve(new Map()),
    async take({ source, refs }) {
      await before("fetch", [...refs].join(" "));
      const sent = (await text(source)).split("\n").filter((line) => line !== "");
      const tips = new Map(sent.map((line) => line.split(" ") as [string, string]));
      for (const id of tips.values()) if (!git.commits.includes(id)) git.commits.push(id);
      return { tips, refused: new Map() };
    },
    moveRefs: ({ updates }) =>
      Promise.resolve(
        updates.map((update): RefMove => {
          const result = forward(git, update.to, update.oid) ? "moved" : "diverged";
          return { ...update, result };
        }),
      ),
    async moveHead(worktree, head) {
      await before("move", path.basename(worktree));
      git.registered.set(
        worktree,
        head.startsWith("refs/heads/") ? head.slice("refs/heads/".length) : undefined,
      );
    },
    checkoutSize: () => Promise.resolve(1024 * 1024),
    ignoreLocally: () => Promise.resolve(),
  };
}

function forward(git: State, ref: string, id: string): boolean {
  const current = git.refs.get(ref);
  const isForward = current === undefined || git.commits.indexOf(current) <= git.commits.indexOf(id);
  if (!isForward || !git.commits.includes(id)) return false;
  git.refs.set(ref, id);
  return true;
}
