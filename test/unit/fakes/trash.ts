import type { Elsewhere, RefStore, Trash } from "../../../src/app/ports-trash.js";
import type { TrashEntry, TrashItem } from "../../../src/domain/custody/trash.js";
import { agentPaths } from "../../../src/domain/identity/project.js";
import { PROJECT } from "../support/things.js";
import type { Before, FakeGit } from "./git.js";
import type { FakeState } from "./state.js";

type Git = Pick<FakeGit, "commits" | "refs" | "files">;

/** Refs of the fake primary; commits are a line, so what a tip has of its own is how far it is ahead. */
export function createFakeRefs(git: Git, before: Before): RefStore {
  const age = (id: string) => git.commits.indexOf(id);
  const isBelow = (ref: string, pattern: string) => ref === pattern || ref.startsWith(`${pattern}/`);
  const isElsewhere = (ref: string, { except }: Elsewhere) =>
    /^refs\/(heads|remotes|tags)\//.test(ref) && (except === undefined || !ref.startsWith(except));
  return {
    list: (...patterns) =>
      Promise.resolve(new Map([...git.refs].filter(([ref]) => patterns.some((one) => isBelow(ref, one))))),
    async change(changes) {
      for (const { ref } of changes) await before("ref", ref);
      for (const { ref, to } of changes) {
        if (to === undefined) git.refs.delete(ref);
        else git.refs.set(ref, to);
      }
    },
    mergedInto: (oid, pattern) => {
      const isHeld = ([ref, id]: [string, string]) => isBelow(ref, pattern) && age(id) <= age(oid);
      return Promise.resolve(new Set([...git.refs].filter(isHeld).map(([ref]) => ref)));
    },
    countOwn(tips, elsewhere) {
      const others = [...git.refs].filter(([ref]) => isElsewhere(ref, elsewhere)).map(([, id]) => age(id));
      const known = Math.max(-1, ...others, ...elsewhere.commits.map(age));
      return Promise.resolve(Math.max(0, ...tips.map((tip) => age(tip) - known)));
    },
    findLanding: (tip, base) => Promise.resolve(age(tip) <= age(base) ? "ancestor" : undefined),
  };
}

export interface FakeTrash extends Trash {
  readonly items: Map<string, TrashItem>;
  /** Ids whose files are there. */
  readonly files: Set<string>;
  readonly states: Map<string, { home: boolean; refs: ReturnType<FakeState["gits"]["get"]> }>;
}

/** The trash in memory; moves what the fakes of git and state hold. */
export function createFakeTrash(git: Git, state: FakeState, before: Before): FakeTrash {
  const items = new Map<string, TrashItem>();
  const files = new Set<string>();
  const states: FakeTrash["states"] = new Map();
  let last: Date | undefined;
  const worktreeOf = ({ agent }: TrashEntry) => agentPaths(PROJECT, agent).worktree;
  return {
    items,
    files,
    states,
    list: () => Promise.resolve([...items.values()]),
    async begin(entry) {
      await before("trash.begin", entry.agent.name);
      items.set(entry.id, { entry, stage: "removing", inTrash: false });
    },
    async setStage(item, stage) {
      await before(`trash.${stage ?? "done"}`, item.entry.agent.name);
      if (stage === undefined) items.delete(item.entry.id);
      else items.set(item.entry.id, { ...item, stage });
    },
    async moveState(entry, to) {
      const { id, agent } = entry;
      await before(`trash.state to ${to}`, agent.name);
      const item = items.get(id);
      if (item !== undefined) items.set(id, { ...item, inTrash: to === "trash" });
      if (to === "trash") {
        states.set(id, { home: state.homes.delete(agent.name), refs: state.gits.get(agent.name) });
        state.gits.delete(agent.name);
        return;
      }
      if (states.get(id)?.home === true) state.homes.add(agent.name);
      state.gits.set(agent.name, states.get(id)?.refs);
      states.delete(id);
    },
    async moveFiles(entry, to) {
      await before(`trash.files to ${to}`, entry.agent.name);
      if (to === "trash" && git.files.delete(worktreeOf(entry))) files.add(entry.id);
      if (to === "agent" && files.delete(entry.id)) {
        git.files.set(worktreeOf(entry), { directory: "files", linked: false, checkedOut: false });
      }
    },
    async removeFiles(id) {
      await before("trash.remove files", id);
      files.delete(id);
    },
    ids: () => Promise.resolve([...new Set([...items.keys(), ...files])]),
    async remove(id) {
      await before("trash.remove", id);
      items.delete(id);
      files.delete(id);
      states.delete(id);
    },
    lastLook: () => Promise.resolve(last),
    noteLook(time) {
      last = time;
      return Promise.resolve();
    },
    size: () => Promise.resolve(4096),
  };
}
