import { lstatSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import type { CachePlace, Caches } from "../../app/ports-caches.js";
import { systemErrorCode } from "../../base/errors.js";
import { CACHE_NAMES, type CacheName } from "../../domain/caches/cache-names.js";
import { agentCaches, userCaches, type UserCaches } from "../../domain/caches/cache-places.js";
import { CACHE_TABLE } from "../../domain/caches/cache-table.js";
import { modesOf, skeletonOf, type CachePlan } from "../../domain/caches/plan-caches.js";
import type { AgentPaths } from "../../domain/identity/project.js";
import { adoptFiles } from "./adopt-files.js";
import { replaceFile } from "./atomic-file.js";
import { ensureBase, listOldBases, renewBase } from "./cache-base.js";
import { refreshHomeEntries } from "./cache-home.js";
import { measureCache } from "./cache-size.js";
import { isBlocked, withInside } from "./inside.js";
import { emptyHostile } from "./remove-hostile.js";
import { withFileErrors } from "./translate.js";
import { removeTree } from "./trees.js";

/** The caches below this directory, which belongs to the user, and those in agents' state directories. */
export function createCaches(root: string): Caches {
  const user = userCaches(root);
  const dirOf = (place: CachePlace) =>
    place === "shared" ? user.shared : place === "base" ? user.current : agentCaches(place).upper;
  return {
    user,
    findTrouble: (paths, plan) => Promise.resolve(findTrouble(user, paths, plan)),
    make: (paths, plan) => withFileErrors("cannot make the caches", () => make(user, paths, plan)),
    tidyShared: (plan) =>
      atOnce("cannot make the caches", () => {
        tidyShared(user, plan);
      }),
    listStrays: () => Promise.resolve(listStrays(user)),
    removeStrays: () =>
      atOnce("cannot clear the shared caches", () => {
        removeStrays(user);
      }),
    removeOwn: (paths) => removeOwn(paths),
    kernelDir: (paths) => path.join(agentCaches(paths).work, "work"),
    measure: (place, tool, deadline) => measureCache(path.join(dirOf(place), tool), deadline),
    empty: (place, tool) =>
      withFileErrors(`cannot empty the cache of ${tool}`, async () => {
        if (place !== "base")
          emptyTool(dirOf(place), tool, place === "shared" ? root : agentCaches(place).root);
        else
          await renewBase(user, (draft) => {
            rmSync(path.join(draft, tool), { recursive: true, force: true });
          });
      }),
    inspectOwn: (paths, tool) =>
      Promise.resolve(adoptFiles(sourceOf(paths, tool), { target: undefined, transient: transientOf(tool) })),
    adopt: (paths, tools) =>
      withFileErrors("cannot make a new base", () =>
        renewBase(user, (draft) => {
          for (const tool of tools) {
            const target = path.join(draft, tool);
            adoptFiles(sourceOf(paths, tool), { target, transient: transientOf(tool) });
          }
        }),
      ),
    listOldBases: () => Promise.resolve(listOldBases(user)),
    async removeOldBases() {
      for (const old of listOldBases(user)) await removeTree(old);
    },
  };
}

const atOnce = (what: string, work: () => void) =>
  withFileErrors(what, () => {
    work();
    return Promise.resolve();
  });
const sourceOf = (paths: AgentPaths, tool: CacheName) => path.join(agentCaches(paths).upper, tool);
const transientOf = (tool: CacheName) => CACHE_TABLE[tool].transient;

/** What was made, and of which directories; undefined while a directory is missing. */
function describeMade(user: UserCaches, paths: AgentPaths, plan: CachePlan): string | undefined {
  const agent = agentCaches(paths);
  const needed = [...modesOf(plan)].flatMap((mode) =>
    mode === "shared" ? [user.shared] : [user.base, agent.upper, agent.work],
  );
  const ids = needed.map(identify);
  return ids.includes(undefined) ? undefined : JSON.stringify({ uses: plan.uses, home: plan.home, ids });
}

/** Tells a directory from another one that took its place. */
function identify(directory: string): string | undefined {
  const info = lstatSync(directory, { throwIfNoEntry: false });
  return info && `${String(info.dev)}:${String(info.ino)}:${String(info.birthtimeMs)}`;
}

function findTrouble(user: UserCaches, paths: AgentPaths, plan: CachePlan): string | undefined {
  const recorded = readIfThere(agentCaches(paths).made);
  if (plan.uses.length === 0) return recorded === undefined ? undefined : "it is to have no caches any more";
  if (recorded === undefined) return "it has no caches";
  const now = describeMade(user, paths, plan);
  if (now === undefined) return "a directory of its caches is gone";
  return now === recorded ? undefined : "its caches are others now";
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function make(user: UserCaches, paths: AgentPaths, plan: CachePlan): Promise<void> {
  const agent = agentCaches(paths);
  const modes = modesOf(plan);
  // It says what is there only while that is so.
  await rm(agent.made, { force: true });
  await mkdir(agent.root, { recursive: true, mode: 0o700 });
  if (modes.has("shared")) await mkdir(user.shared, { recursive: true, mode: 0o700 });
  if (modes.has("layered")) {
    await ensureBase(user);
    for (const directory of [agent.upper, agent.work])
      await mkdir(directory, { recursive: true, mode: 0o700 });
  }
  tidyShared(user, plan);
  for (const { tool, mode } of plan.uses) {
    if (mode === "layered") makeTool(agent.upper, tool, agent.root);
  }
  refreshHomeEntries(paths.home, plan.home);
  const made = describeMade(user, paths, plan);
  if (plan.uses.length > 0 && made !== undefined) await replaceFile(agent.made, made);
}

/** Where there are none at all, that is for `make` to see to: containers have to be started again for it. */
function tidyShared({ root, shared }: UserCaches, { uses }: CachePlan): void {
  if (lstatSync(shared, { throwIfNoEntry: false }) === undefined) return;
  for (const { tool, mode } of uses) if (mode === "shared") makeTool(shared, tool, root);
}

function listStrays({ shared }: UserCaches): string[] {
  const entries =
    lstatSync(shared, { throwIfNoEntry: false }) && readdirSync(shared, { withFileTypes: true });
  return (entries ?? [])
    .filter((entry) => !entry.isDirectory() || !CACHE_NAMES.some((tool) => tool === entry.name))
    .map(({ name }) => name);
}

function removeStrays(user: UserCaches): void {
  for (const name of listStrays(user)) moveAway(user.shared, name, user.root);
}

/** What stands in the way of a tool's directories is an agent's doing, and only a cache: it goes. */
function makeTool(parent: string, tool: CacheName, aside: string): void {
  try {
    makeSkeleton(parent, tool);
  } catch (error) {
    if (!isBlocked(error)) throw error;
    emptyTool(parent, tool, aside);
  }
}

function makeSkeleton(parent: string, tool: CacheName): void {
  for (const below of ["", ...skeletonOf(tool)]) {
    withInside(parent, `${tool}/${below}`, { make: true }, () => undefined);
  }
}

/** Moves a tool's files out of every agent's sight, makes its directories anew, and removes what was moved. */
function emptyTool(parent: string, tool: CacheName, aside: string): void {
  if (lstatSync(parent, { throwIfNoEntry: false }) === undefined) return;
  moveAway(parent, tool, aside, () => {
    makeSkeleton(parent, tool);
  });
}

/** By one rename, so that nobody meets a half of it; only then it is removed. */
function moveAway(parent: string, name: string, aside: string, replace = () => {}): void {
  const gone = mkdtempSync(path.join(aside, ".gone-"));
  try {
    renameSync(path.join(parent, name), path.join(gone, "it"));
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
  }
  replace();
  emptyHostile(gone);
  rmdirSync(gone);
}

/** Below `work` the kernel has a directory of its own, closed to everybody but root. */
async function removeOwn(paths: AgentPaths): Promise<boolean> {
  const { root, work } = agentCaches(paths);
  const kernel = path.join(work, "work");
  await rmdir(kernel).catch(() => undefined);
  const left = await readdir(kernel).catch(systemErrorCode);
  if (left === "EACCES") return false;
  await removeTree(root);
  return true;
}
