import { readFile } from "node:fs/promises";
import path from "node:path";
import type { GitConfigEntry } from "../../domain/custody/git-config.js";
import { lentConfig } from "../../domain/custody/lent-config.js";
import type { LentHistory } from "../../domain/custody/private-git.js";
import { LENT_REFS } from "../../domain/identity/names.js";
import { findObjectDirs } from "./alternates.js";
import { loadLentInfo } from "./lent-info.js";
import { ownObjects, tryGit } from "./object-view.js";
import { translateGitError, type RunGit } from "./run-git.js";

interface Places {
  readonly git: RunGit;
  readonly commonDir: string;
}

/** What agents get of the primary, kept alive for them: `start` is a commit that their base refs keep. */
export async function loadLent(
  places: Places,
  start: string,
  config: readonly GitConfigEntry[],
): Promise<LentHistory> {
  const { git, commonDir } = places;
  const [format, refs, shallow, objects, info] = await Promise.all([
    git("rev-parse", "--show-object-format"),
    lendRefs(places, start),
    readFile(path.join(commonDir, "shallow"), "utf8").catch(() => undefined),
    findObjectDirs(commonDir),
    loadLentInfo(git, commonDir),
  ]);
  const objectFormat = format.trim() === "sha256" ? "sha256" : "sha1";
  const objectsDir = objects[0]?.containerPath ?? "";
  return { objectFormat, refs, shallow, config: lentConfig(config), info, objectsDir };
}

/**
 * Remote branches and tags: full name → object id. Each object that only they hold gets a ref of devkit's own, named
 * by its id, so that a branch or tag deleted on the host takes nothing from an agent.
 */
async function lendRefs({ git, commonDir }: Places, start: string): Promise<Map<string, string>> {
  const [listing, merged] = await Promise.all([
    git(
      "for-each-ref",
      "--format=%(objecttype) %(objectname) %(refname)",
      "refs/remotes",
      "refs/tags",
      LENT_REFS,
    ),
    git("for-each-ref", "--format=%(objectname)", `--merged=${start}`, "refs/remotes", "refs/tags"),
  ]);
  const refs = listing
    .split("\n")
    .map((line) => line.split(" "))
    .map(([type = "", oid = "", ref = ""]) => ({ type, oid, ref }));
  const held = new Set(merged.split("\n"));
  const lent = refs.filter(({ ref }) => ref !== "" && !ref.startsWith(LENT_REFS));
  const kept = new Set(refs.filter(({ ref }) => ref.startsWith(LENT_REFS)).map(({ oid }) => oid));
  // A tag object is held by nothing but its tag, wherever its commit is.
  const loose = lent.filter(({ type, oid }) => !kept.has(oid) && (type !== "commit" || !held.has(oid)));
  await keepAlive(commonDir, new Set(loose.map(({ oid }) => oid)));
  return new Map(lent.map(({ ref, oid }) => [ref, oid]));
}

async function keepAlive(commonDir: string, oids: ReadonlySet<string>): Promise<void> {
  if (oids.size === 0) return;
  const commands = [...oids].map((oid) => `update ${LENT_REFS}${oid} ${oid}\n`);
  const args = ["update-ref", "--stdin"];
  const { exitCode, stderr } = await tryGit(ownObjects(commonDir), args, commands.join(""));
  if (exitCode !== 0) throw translateGitError(new Error(stderr), args);
}
