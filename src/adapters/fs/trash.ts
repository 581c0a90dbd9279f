import { mkdir, readFile, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { Trash } from "../../app/ports-trash.js";
import {
  parseTrashId,
  type TrashEntry,
  type TrashItem,
  type TrashStage,
} from "../../domain/custody/trash.js";
import { agentPaths, trashPaths, type Project } from "../../domain/identity/project.js";
import { replaceFile } from "./atomic-file.js";
import { moveDirectory } from "./move-directory.js";
import { diskUsage, removeTree } from "./trees.js";
import { withFileErrors } from "./translate.js";

/** The file that says what is going on with an entry; it is renamed when that changes. */
const STAGE_FILES: Readonly<Record<TrashStage, string>> = {
  removing: "removal.json",
  kept: "entry.json",
  restoring: "restoring.json",
};

/** Removed agents: home and private git dir beside those of the agents, files beside their worktrees. */
export function createTrash(project: Project): Trash {
  const placeOf = (entry: TrashEntry, inTrash: boolean) =>
    inTrash ? trashPaths(project, entry.id).state : agentPaths(project, entry.agent).state;
  const move = async (from: string, to: string) => {
    await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
    await withFileErrors(`cannot move ${from} to ${to}`, () => moveDirectory(from, to));
  };
  return {
    async list() {
      const agents = await listStages(path.join(project.stateDir, "agents"), false);
      return [...agents, ...(await listStages(path.join(project.stateDir, "trash"), true))];
    },
    async begin(entry) {
      const place = placeOf(entry, false);
      await mkdir(place, { recursive: true, mode: 0o700 });
      await replaceFile(path.join(place, STAGE_FILES.removing), `${JSON.stringify(entry)}\n`);
    },
    async setStage({ entry, stage, inTrash }, next) {
      const file = (name: TrashStage) => path.join(placeOf(entry, inTrash), STAGE_FILES[name]);
      await withFileErrors(`cannot change ${file(stage)}`, () =>
        next === undefined ? rm(file(stage), { force: true }) : rename(file(stage), file(next)),
      );
    },
    moveState: (entry, to) => move(placeOf(entry, to !== "trash"), placeOf(entry, to === "trash")),
    moveFiles: (entry, to) => {
      const places = [
        agentPaths(project, entry.agent).worktree,
        trashPaths(project, entry.id).files,
      ] as const;
      return to === "trash" ? move(places[0], places[1]) : move(places[1], places[0]);
    },
    removeFiles: (id) => removeTree(trashPaths(project, id).files),
    async ids() {
      const parents = [path.join(project.stateDir, "trash"), path.join(project.devkitDir, "trash")];
      const names = (await Promise.all(parents.map((parent) => readdir(parent).catch(() => [])))).flat();
      return [...new Set(names)].filter((name) => parseTrashId(name) !== undefined).sort();
    },
    async remove(id) {
      await removeTree(trashPaths(project, id).files);
      await removeTree(trashPaths(project, id).state);
    },
    ...looks(path.join(project.devkitDir, "trash-looked")),
    async size(id) {
      const { state, files } = trashPaths(project, id);
      return (await diskUsage(state)) + (await diskUsage(files));
    },
  };
}

function looks(file: string): Pick<Trash, "lastLook" | "noteLook"> {
  return {
    async lastLook() {
      const text = await readFile(file, "utf8").catch(() => "");
      const time = new Date(text.trim());
      return Number.isNaN(time.getTime()) ? undefined : time;
    },
    noteLook: (time) => replaceFile(file, `${time.toISOString()}\n`, undefined, 0o600),
  };
}

async function listStages(parent: string, inTrash: boolean): Promise<TrashItem[]> {
  const names = await readdir(parent).catch(() => []);
  const stages = inTrash
    ? (["removing", "kept", "restoring"] as const)
    : (["removing", "restoring"] as const);
  const items = await Promise.all(
    names.flatMap((name) =>
      stages.map(async (stage): Promise<TrashItem | undefined> => {
        const text = await readFile(path.join(parent, name, STAGE_FILES[stage]), "utf8").catch(
          () => undefined,
        );
        const entry = text === undefined ? undefined : parseEntry(text);
        return entry === undefined ? undefined : { entry, stage, inTrash };
      }),
    ),
  );
  return items.filter((item) => item !== undefined);
}

/** Only devkit writes there, so what cannot be read is not an entry, whatever happened to it. */
function parseEntry(text: string): TrashEntry | undefined {
  try {
    const entry = JSON.parse(text) as TrashEntry;
    return parseTrashId(entry.id)?.agent.name === entry.agent.name ? entry : undefined;
  } catch {
    return undefined;
  }
}
